"""Encodings that are not named: whether bytes that are not UTF-8 are Chinese, and what else they may be.

Korean, Thai and Japanese bytes often decode as GB18030 too, to wrong characters.
"""

from __future__ import annotations

import re
from collections import Counter

import charset_normalizer

OTHERS = ("euc_jp", "cp874")  # what charset-normalizer tells from Chinese; Korean is told by its letters
SAMPLE_BYTES = 20_000


def is_mostly_common_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII are common Chinese characters.

    Accented Latin letters mostly decode as GB18030 too, but to rare characters. Common characters are in rows 16 to
    55 of GB 2312, punctuation is in rows 1 and 3.
    """
    counts = Counter(character for character in text if ord(character) > 127)
    common = 0
    for character, count in counts.items():
        row = character.encode("gb2312", errors="ignore")[:1]
        common += count if b"\xb0" <= row <= b"\xd7" or row in (b"\xa1", b"\xa3") else 0
    return common > 0.7 * counts.total()


def other_than_chinese(content: bytes) -> str | None:
    """The encoding that charset-normalizer takes these bytes for, None where nothing speaks against Chinese.

    It takes short Chinese texts for Korean. Korean of today has Hangul alone; Chinese bytes read as Korean are mixed.
    """
    words = dict.fromkeys(line for line in content.splitlines() if not line.isascii())
    sample = b"\n".join(words)[:SAMPLE_BYTES]
    if _is_hangul(sample):
        return "cp949"
    if re.search("[\u3041-\u30fe]", sample.decode("gb18030", errors="ignore").replace("\u30fb", "")):
        return "euc_jp"  # GB 2312 has kana in the same places, but Chinese texts have none
    best = charset_normalizer.from_bytes(sample, cp_isolation=["gb18030", *OTHERS]).best()
    return best.encoding if best and best.encoding in OTHERS else None


def _is_hangul(sample: bytes) -> bool:
    text = sample.decode("cp949", errors="ignore")
    letters = [character for character in text if ord(character) > 127 and character.isalpha()]
    return bool(letters) and all("가" <= letter <= "힣" for letter in letters)

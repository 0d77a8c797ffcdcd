"""Encodings that are not named: whether bytes that are not UTF-8 are Chinese, and what else they may be.

Korean, Thai and Japanese bytes often decode as GB18030 too, to wrong characters. Each reading is weighed by how many
of its letters are frequent ones, since a wrong reading gives letters at random.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

import charset_normalizer

from seqkit.data.frequent_letters import (
    CHINESE,
    CHINESE_HEADERS,
    CHINESE_READ_AS_UTF8,
    CYRILLIC,
    JAPANESE,
    KOREAN,
    THAI,
)

HAN_AND_KANA, HANGUL_AND_HAN = "[\u3041-\u30fe\u4e00-\u9fff]", "[가-힣\u4e00-\u9fff]"
SAMPLE_BYTES = 20_000
LEAST_EVIDENCE = math.log(50)  # that the letters are Chinese and not random
MANY_LETTERS = 30  # that are common ones by chance in no other encoding, although few are frequent
LEAST_ADVANTAGE = math.log(200)  # of Chinese over another reading
LIKELY = math.log(1 / 5)  # another reading that is worth a word
EVIDENCE_OF_HEADER = math.log(1000)
THAI_WORD = r"(?:[เ-ไ]?[ก-ฮ](?:[ะาำๅ]|[ัิ-ู็-๎])*ๆ?)+"
CYRILLIC_WORD = "([А-Яа-яЁё][а-яё]*|[А-ЯЁ]+)(?:-[а-яё]+)?"


class Reading(NamedTuple):
    """What is known of the letters of an encoding: which are frequent, which common, and how likely they are."""

    letters: str  # a pattern of one letter
    frequent: frozenset[str]
    last_common: int  # the first byte of the last common letter
    in_texts: tuple[float, float, float]  # the shares of frequent, common and rare letters
    at_random: tuple[float, float, float]
    word: str = ".+"  # a pattern of a word


READINGS = {
    "gb18030": Reading(HAN_AND_KANA, CHINESE, 0xD7, (0.8, 0.18, 0.02), (0.08, 0.52, 0.4)),
    "euc_jp": Reading(HAN_AND_KANA, JAPANESE, 0xCF, (0.8, 0.18, 0.02), (0.08, 0.42, 0.5)),
    "cp949": Reading(HANGUL_AND_HAN, KOREAN, 0xC8, (0.6, 0.39, 0.01), (0.04, 0.46, 0.5)),
    "cp874": Reading("[ก-๎]", THAI, 0xFF, (0.9, 0.1, 0), (0.4, 0.6, 0), THAI_WORD),
    "koi8_r": Reading("[А-Яа-яЁё]", CYRILLIC, 0xFF, (1, 0, 0), (0.6, 0, 0), CYRILLIC_WORD),
}


def is_chinese_by_chance_utf8(text: str) -> bool:
    """Whether a text read as UTF-8 has letters that are a Chinese header: the bytes of 水位 in GB18030 are also ˮλ."""
    return not text.isascii() and any(word in text for word in CHINESE_READ_AS_UTF8)


def rival_of_chinese(content: bytes, text: str) -> str | None:
    """The encoding that bytes may be beside GB18030: its name, "" where nothing tells, None where they are Chinese.

    charset-normalizer is the second opinion where the letters leave a doubt.

    Args:
        content: the bytes.
        text: the bytes as GB18030.
    """
    if not _is_mostly_common_chinese(text):
        return ""
    cells = dict.fromkeys(cell for cell in re.split(rb"[\n\r\t,;|\"]", content) if not cell.isascii())
    sample = b"\n".join(cells)[:SAMPLE_BYTES]
    evidence = {name: _evidence(name, sample) for name in READINGS}
    chinese = evidence.pop("gb18030")
    rival = max(evidence, key=lambda name: evidence[name])
    advantage = chinese - evidence[rival]
    if evidence[rival] > LIKELY and advantage < LEAST_ADVANTAGE:
        return rival
    if chinese < LEAST_EVIDENCE and len(re.findall(HAN_AND_KANA, text)) < MANY_LETTERS:
        return ""
    if advantage > LEAST_ADVANTAGE:
        return None
    best = charset_normalizer.from_bytes(sample, cp_isolation=["gb18030", "euc_jp", "cp874"]).best()
    return best.encoding if best and best.encoding in evidence else None


def _is_mostly_common_chinese(text: str) -> bool:
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


def _evidence(encoding: str, sample: bytes) -> float:
    """The logarithm of how much more likely the letters are in a text of this encoding than at random.

    Minus infinity where the bytes cannot be of this encoding.

    Args:
        encoding: a key of `READINGS`.
        sample: the cells that are not ASCII, each once.
    """
    reading = READINGS[encoding]
    text = sample.decode(encoding, errors="ignore" if len(sample) == SAMPLE_BYTES else "replace")
    letters = re.findall(reading.letters, text)
    words = re.findall(r"[^\x00-\x7f]+", text)
    if "\ufffd" in text or not letters or not all(re.fullmatch(reading.word, word) for word in words):
        return -math.inf
    has_header = encoding == "gb18030" and not CHINESE_HEADERS.isdisjoint(words)
    weights = [
        math.log(share / chance) if chance else 0
        for share, chance in zip(reading.in_texts, reading.at_random, strict=True)
    ]
    return sum(weights[_rank(letter, encoding)] for letter in letters) + has_header * EVIDENCE_OF_HEADER


def _rank(letter: str, encoding: str) -> int:
    """0 for a frequent letter, 1 for a common one, 2 for a rare one."""
    reading = READINGS[encoding]
    if letter in reading.frequent:
        return 0
    code = letter.encode(encoding)
    return 1 if len(code) == 1 or (0xB0 <= code[0] <= reading.last_common and code[1] >= 0xA1) else 2

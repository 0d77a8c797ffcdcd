"""Time stamps in other spellings, rewritten as the formats read them: months in words, weekdays, UTC, 24:00."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from seqkit.data.text_columns import rewritten

MONTHS = {  # words for each month without accents, in English, German, French, Spanish, Italian, Portuguese, Dutch
    "Jan": "january jan januar janner janvier janv enero ene gennaio gen janeiro januari",
    "Feb": "february feb februar feber fevrier fevr fev febrero febbraio fevereiro februari",
    "Mar": "march mar marz maerz mrz mars marzo marco maart mrt",
    "Apr": "april apr avril avr abril abr aprile",
    "May": "may mai mayo maggio mag maio mei",
    "Jun": "june jun juni juin junio giugno giu junho",
    "Jul": "july jul juli juillet juil julio luglio lug julho",
    "Aug": "august aug aout agosto ago augustus",
    "Sep": "september sep sept septembre septiembre setiembre settembre set setembro",
    "Oct": "october oct oktober okt octobre octubre ottobre ott outubro out",
    "Nov": "november nov novembre noviembre novembro",
    "Dec": "december dec dezember dez decembre diciembre dic dicembre dezembro",
}
MONTH_OF_WORD = {word: month for month, words in MONTHS.items() for word in words.split()}
NUMBER_OF_MONTH = {month: number for number, month in enumerate(MONTHS, start=1)}
WORD = r"[^\W\d_]{3,}\.?"
WEEKDAY = r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+"
END_OF_DAY = r"[ T]24(?::00(?::00)?)?$"
REWRITINGS = (  # pattern, replacement
    (r"\s+(?:UTC|GMT)$", "Z"),
    (WEEKDAY, ""),
    (r"(?<=[ T])(\d{1,2})\.(\d\d)(?:\.(\d\d))$", r"\1:\2:\3"),  # 18.00.00
    (r"^(\d{4}-\d\d-\d\d)\s*(?:-|–|/|to)\s*\d{4}-\d\d-\d\d$", r"\1"),  # a week from its first to its last day
)


def month_number(word: str) -> int | None:
    """The number of a month that is named in words, as in `Sept.`; None for any other word."""
    letters = unicodedata.normalize("NFKD", word.lower().rstrip("."))
    month = MONTH_OF_WORD.get("".join(letter for letter in letters if not unicodedata.combining(letter)))
    return NUMBER_OF_MONTH[month] if month else None


def plain_spelling(texts: pd.Series) -> pd.Series:
    """The texts as the formats read them; a text that needs no rewriting stays as it is."""
    return rewritten(texts, _plainly_spelt)


def _plainly_spelt(text: str) -> str:
    for pattern, replacement in REWRITINGS:
        text = re.sub(pattern, replacement, text)
    return re.sub(WORD, _english_month, text)


def split_end_of_day(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The texts with 24:00 written as 0:00, and whether each was 24:00, which is 0:00 of the next day."""
    is_end = texts.str.contains(END_OF_DAY, na=False)
    if not is_end.any():
        return texts, is_end
    zero = texts.str.replace(r"(?<=[ T])24(?=(?::00(?::00)?)?$)", "00", regex=True)
    return zero, is_end


def _english_month(match: re.Match[str]) -> str:
    number = month_number(match[0])
    return match[0] if number is None else list(MONTHS)[number - 1]

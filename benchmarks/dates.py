"""Dates written out in many languages to ISO 8601, letter by letter: is it right, and does attention look there?

python benchmarks/dates.py [--seeds 0] [--attention general none] [--pairs 40000] [--epochs 8]

Dates from 1900 to 2099 in the long, medium and full forms of Babel's locale data (Unicode CLDR). No day of the test is
in the training data in any language, and the test is read once. Beside exact matches stands the share of the
attention's weight, as the digits of year and day are said, that lies on the digits of the same number in the source;
where the month is a number too (medium forms of some languages) it is not counted. Tries are kept in tables/dates.csv,
curves in tables/dates_curves.csv.
"""

from __future__ import annotations

import argparse
import datetime
import re
import time
from typing import Any, NamedTuple

import numpy as np
from _results import write_section
from _tries import Tries
from babel import Locale
from babel.dates import format_date

import seqkit as sk

LOCALES = [
    "en",
    "en_GB",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "hr",
]
LOCALES += ["sl", "et", "lv", "lt", "tr", "el", "ru", "uk", "bg", "id", "ca", "is"]
FORMATS = ("long", "medium", "full")
FIRST, DAYS = datetime.date(1900, 1, 1), 73_049  # to 2099
TEST, VALIDATION = 2_000, 1_000
OPTIONS: dict[str, Any] = {"by": "characters", "embedding": 32, "units": 128, "cell": "gru", "dropout": 0.1}
ASKED = 0.99
KEYS = ["attention", "pairs", "seed"]


class Dates(NamedTuple):
    """Written out, and in ISO 8601."""

    texts: list[str]
    iso: list[str]


def written(date: datetime.date, locale: str, form: str) -> str:
    return format_date(date, form, locale=locale).lower()


def draw(count: int, days: np.ndarray, seed: int) -> Dates:
    """Dates of these days, in languages and forms drawn at random."""
    drawn = np.random.default_rng(seed)
    locales = [str(Locale.parse(one)) for one in LOCALES]
    found = Dates([], [])
    for day in drawn.choice(days, count):
        date = FIRST + datetime.timedelta(days=int(day))
        found.texts.append(written(date, locales[drawn.integers(len(locales))], str(drawn.choice(FORMATS))))
        found.iso.append(date.isoformat())
    return found


def parts(pairs: int, seed: int) -> tuple[Dates, Dates, Dates]:
    """Training, validation and test: no day is in two of them."""
    days = np.random.default_rng(seed).permutation(DAYS)
    cuts = np.split(days, [DAYS * 8 // 10, DAYS * 9 // 10])
    counts = (pairs, VALIDATION, TEST)
    train, validation, test = (draw(count, part, seed + 1) for count, part in zip(counts, cuts, strict=True))
    return train, validation, test


def on_the_right_places(alignments: list[sk.Alignment]) -> dict[str, float]:
    """Mean weight on the source's digits of the year as the year is said, and of the day as the day is."""
    found: dict[str, list[float]] = {"year": [], "day": []}
    for one in alignments:
        source, target = "".join(one.source), "".join(one.target)
        iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", target)
        numbers = [match.span() for match in re.finditer(r"\d+", source)]
        if iso is None or len(numbers) != 2:  # some languages number the month as well; then the places are not plain
            continue
        year = [span for span in numbers if span[1] - span[0] == 4]
        day = [span for span in numbers if span[1] - span[0] < 3]
        for name, spans, (first, end) in (("year", year, (0, 4)), ("day", day, (8, 10))):
            if len(spans) == 1:
                weights = one.weights[first:end]
                found[name].append(float(weights[:, slice(*spans[0])].sum(axis=1).mean()))
    return {f"weight on the {name}": float(np.mean(values)) for name, values in found.items() if values}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--attention", nargs="+", default=["general"], choices=["general", "additive", "none"])
    parser.add_argument("--pairs", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=8)
    arguments = parser.parse_args()
    tries = Tries("dates", KEYS)
    wanted = [(one, arguments.pairs, seed) for seed in arguments.seeds for one in arguments.attention]
    for attention, pairs, seed in tries.missing(wanted):
        train, validation, test = parts(pairs, seed)
        started = time.perf_counter()
        model = sk.train_seq2seq(
            *train,
            validation=tuple(validation),
            epochs=arguments.epochs,
            batch_size=64,
            seed=seed,
            verbose=2,
            attention=attention,
            **OPTIONS,
        )
        seconds = time.perf_counter() - started
        said = model.translate(test.texts, beam=1)
        right = [one == other for one, other in zip(said, test.iso, strict=True)]
        print([row for row in zip(test.texts, test.iso, said, strict=True) if row[1] != row[2]][:20])
        looked = {} if attention == "none" else on_the_right_places(model.alignments(test.texts, beam=1))
        scores = {"exact": float(np.mean(right)), **looked, "epochs": model.chosen_epochs, "seconds": seconds}
        tries.add((attention, pairs, seed), scores, model.validation_history)
    write_section(
        "Dates to ISO 8601",
        tries.table().assign(asked=ASKED).set_index("attention"),
        f"Exact matches on {TEST} dates of days not in the training data, in {len(LOCALES)} locales and "
        f"{len(FORMATS)} forms of CLDR; greedy. Weight: the part of attention on the number that is said.",
        decimals=4,
    )


if __name__ == "__main__":
    main()

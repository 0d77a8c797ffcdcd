"""`seqkit classify`: a CSV of texts or series and their classes in; a report, predictions and a SavedModel out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seqkit import _checks
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.messages import SEPARATOR_NAMES, one_line_warnings, quiet_start, say, whole_number
from seqkit.cli.tables import echo_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.classification.model import Classifier
    from seqkit.classification.score import ClassScores
    from seqkit.data.samples import Samples

HELD_OUT = 5  # without --test, one sample in so many is held out for the report
FEWEST = 2 * HELD_OUT
MOST_SHOWN = 20  # predictions on the screen, where they are written to a file as well
WHERE = "seqkit classify"


@click.command(short_help="Classify a CSV's texts or series.")
@click.argument("csv")
@click.option("--text", metavar="COL", help="Column of the texts, one a row.")
@click.option("--series", metavar="COL", help="Column that names the series a row is a step of.")
@click.option("--time", metavar="COL", help="Column to sort a series' steps by. Default: the order of the rows.")
@click.option("--feature", metavar="COL", multiple=True, help="Column of numbers; repeat it. Default: all others.")
@click.option("--label", metavar="COL", required=True, help="Column of the classes.")
@click.option("--test", metavar="CSV", help="Score and predict these; it may lack labels. Default: a fifth of CSV.")
@click.option("--epochs", metavar="N", callback=whole_number, help="Most times through the samples.")
@click.option("--seed", metavar="N", callback=whole_number, help="Makes the result repeatable.")
@click.option("--encoding", metavar="NAME", help="Where it is neither UTF-8 nor GB18030.")
@click.option("--separator", metavar="CHAR", help='Between columns; "tab" for a tab.')
@click.option("--decimal", metavar="MARK", help="Decimal mark, . or a comma, where the file does not show it.")
@click.option("--output", metavar="F.csv", help="Write the predictions there.")
@click.option("--plot", metavar="F.png", help="Draw the confusion matrix there (.png, .pdf, .svg, .jpg).")
@click.option("--export", metavar="DIR", help="Write the trained model there, a SavedModel.")
def classify(csv: str, output: str | None, plot: str | None, export: str | None, **given: Any) -> None:
    """Learn the classes of the texts or series in CSV, say how well, and predict those of --test.

    For texts name --text; for series, with a row for each step, name --series. A report compares the classifier with
    the majority class and a linear baseline on samples that it was not trained on.
    """
    files = Files(output, plot, export)
    for path in (csv, given["test"]):
        if path is not None:
            check_files(path, files)
    _refuse_what_cannot_be(given, plot)
    with one_line_warnings():
        samples = _read(csv, given, given["label"])
        asked = None if given["test"] is None else _read(given["test"], given, _label_if_there(given))
        say(f"Read {len(samples.x)} {'texts' if given['text'] else 'series'}.")
        model, asked, scored = _train_and_score(csv, samples, asked, given)
        table = _predictions(model, asked)
        _show(table, scored, shorten=output is not None)
        write_files(files, table, model, lambda: _picture(scored))


def _refuse_what_cannot_be(given: dict[str, Any], plot: str | None) -> None:
    if (given["text"] is None) == (given["series"] is None):
        raise click.ClickException(f"{WHERE}: name --text for texts or --series for series, one of the two.")
    of_series = [f"--{name}" for name in ("time", "feature", "decimal") if given[name]]
    if given["text"] is not None and of_series:
        raise click.ClickException(
            f"{WHERE}: {of_series[0]} is for series. Leave it out, or name --series instead of --text."
        )
    if plot is not None and given["test"] is not None and _label_if_there(given) is None:
        raise click.ClickException(
            f"{WHERE}: --plot draws true classes against predicted ones, and --test has no labels."
        )


def _label_if_there(given: dict[str, Any]) -> str | None:
    from seqkit.data.cells import read_cells

    options = {"encoding": given["encoding"], "separator": _separator(given)}
    return given["label"] if given["label"] in read_cells(given["test"], **options).texts.columns else None


def _separator(given: dict[str, Any]) -> str | None:
    return SEPARATOR_NAMES.get(given["separator"], given["separator"])


def _read(path: str, given: dict[str, Any], label: str | None) -> Samples:
    from seqkit.data.samples import read_sequences, read_texts

    options = {"label": label, "encoding": given["encoding"], "separator": _separator(given)}
    if given["text"] is not None:
        return read_texts(path, text=given["text"], **options)
    features = list(given["feature"]) or None
    return read_sequences(
        path, series=given["series"], time=given["time"], features=features, decimal=given["decimal"], **options
    )


def _train_and_score(
    csv: str, samples: Samples, asked: Samples | None, given: dict[str, Any]
) -> tuple[Classifier, Samples, ClassScores | None]:
    """The model that was trained on everything, what it is asked, and the scores where the truth is known."""
    with quiet_start():
        from seqkit.classification.score import score_classifier
        from seqkit.classification.train import train_classifier

    options = {name: given[name] for name in ("epochs", "seed")}
    if asked is not None:
        _refuse_other_features(samples, asked)
        say("Training ...")
        model = train_classifier(*_pair(samples), **options)
        scored = None if asked.y is None else score_classifier(model, *_pair(asked), train=_pair(samples))
        return model, asked, scored
    train, held_out = _cut(csv, samples, given["seed"])
    say(f"Training on {len(train.x)}, to be scored on the other {len(held_out.x)} ...")
    scored = score_classifier(train_classifier(*_pair(train), **options), *_pair(held_out), train=_pair(train))
    say("Training on all ...")
    return train_classifier(*_pair(samples), **options), held_out, scored


def _pair(samples: Samples) -> tuple[Any, Any]:
    return samples.x, samples.y


def _refuse_other_features(samples: Samples, asked: Samples) -> None:
    if samples.features != asked.features:
        raise click.ClickException(
            f"{WHERE}: --test has the features {_checks.listed(asked.features)}, CSV has "
            f"{_checks.listed(samples.features)}. Name those that both have with --feature."
        )


def _cut(csv: str, samples: Samples, seed: int | None) -> tuple[Samples, Samples]:
    """Hold out a fifth of the samples, the same share of each class."""
    from seqkit.classification.train import parts_by_class

    if len(samples.x) < FEWEST:
        raise click.ClickException(
            f"{csv}: {len(samples.x)} samples are too few to hold some out for the report, {FEWEST} or more are "
            "needed. Name a file with --test."
        )
    is_held_out = parts_by_class(list(samples.y), seed) == 0  # type: ignore[arg-type]
    return _where(samples, ~is_held_out), _where(samples, is_held_out)


def _where(samples: Samples, chosen: Any) -> Samples:
    x: Any = [one for one, is_chosen in zip(samples.x, chosen, strict=True) if is_chosen]
    return samples._replace(x=x, y=None if samples.y is None else samples.y[chosen], names=samples.names[chosen])


def _predictions(model: Classifier, asked: Samples) -> pd.DataFrame:
    """A row for each sample: its name or number, the predicted class, and the probability of each."""
    import pandas as pd

    probabilities = model.predict(asked.x, verbose=0)
    table = pd.DataFrame(probabilities, columns=[f"p({label})" for label in model.labels]).map("{:.4f}".format)
    table.insert(0, "class", model.labels_of(probabilities))
    table.insert(0, str(asked.names.name), [str(name) for name in asked.names])
    return table


def _show(table: pd.DataFrame, scored: ClassScores | None, shorten: bool) -> None:
    echo_table(table, MOST_SHOWN if shorten else None)
    if scored is None:
        click.echo("\nNot scored: --test has no labels.")
        return
    click.echo("")
    echo_table(scored.scores.map("{:.4g}".format).rename_axis("method").reset_index(), None)
    click.echo(f"\n{scored.verdict}")


def _picture(scored: ClassScores | None) -> Figure:
    from seqkit.classification.plots import plot_confusion

    if scored is None:
        raise click.ClickException(
            f"{WHERE}: --plot draws true classes against predicted ones, and --test has no labels."
        )
    return plot_confusion(scored.confusion)

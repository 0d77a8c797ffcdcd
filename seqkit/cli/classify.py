"""`seqkit classify`: a CSV of texts or series with labels in; scores, predictions and a SavedModel out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seqkit import _checks
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.harmless import echo
from seqkit.cli.messages import (
    SEPARATOR_NAMES,
    log_errors_alone,
    one_line_warnings,
    say,
    say_what_takes_long,
    verbose_of,
    whole_number,
)
from seqkit.cli.reports import report_of_classifier
from seqkit.cli.samples import described
from seqkit.cli.tables import echo_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.classification.model import Classifier
    from seqkit.classification.score import ClassScores
    from seqkit.data.samples import Samples

FEWEST_SAMPLES = 10  # without --test, a fifth of them is held out for the scores
MOST_ROWS_WITH_FILE = 20  # rows to print when --output writes all of them
WHERE = "seqkit classify"


@click.command(short_help="Classify a CSV's texts or series.")
@click.argument("csv")
@click.option("--text", metavar="COL", help="Column of the texts, one a row.")
@click.option("--series", metavar="COL", help="Column that names the series a row is a step of.")
@click.option("--time", metavar="COL", help="Column to sort a series' steps by. Default: the order of the rows.")
@click.option("--feature", metavar="COL", multiple=True, help="Column of numbers; repeat it. Default: all others.")
@click.option("--label", metavar="COL", help="Column of the classes. Found where each row is a series.")
@click.option("--test", metavar="CSV", help="File to score and predict; labels are optional. Default: a fifth of CSV.")
@click.option("--epochs", metavar="N", callback=whole_number, help="Most epochs: passes through the samples.")
@click.option("--seed", metavar="N", callback=whole_number, help="Makes the result repeatable.")
@click.option("--encoding", metavar="NAME", help="Encoding of the file, if neither UTF-8 nor GB18030.")
@click.option("--separator", metavar="CHAR", help='Between columns; "tab" for a tab.')
@click.option("--decimal", metavar="MARK", help="Decimal mark, . or a comma, if the file leaves it open.")
@click.option("--sheet", metavar="NAME", help="Sheet of the Excel files. Default: the first.")
@click.option("--checkpoint", metavar="FILE", help="Go on from there where the same command was killed; written too.")
@click.option("--quiet", is_flag=True, help="Print results, warnings and errors alone.")
@click.option("--output", metavar="F.csv", help="Write the predictions there.")
@click.option("--plot", metavar="F.png", help="Draw the confusion matrix there (.png, .pdf, .svg, .jpg).")
@click.option(
    "--report", metavar="F.html", help="Write a page there that any browser opens: scores, attention (extra report)."
)
@click.option("--export", metavar="DIR", help="Write the trained model there, a SavedModel.")
@click.option("--force", is_flag=True, help="Replace files that seqkit did not write.")
def classify(
    csv: str, output: str | None, plot: str | None, report: str | None, export: str | None, **options: Any
) -> None:
    """Train a classifier on the texts or series in CSV, score it, and predict the classes of --test.

    Name --text for texts, or --series for series with a row for each timestep. Without these, each row is a series,
    with its class in the first or last column, as in the UCR archive. The scores compare the classifier with
    the majority class and a linear baseline, on samples that it was not trained on.
    """
    files = Files(output, plot, export, report=report)
    for path in (csv, options["test"]):
        if path is not None:
            check_files(path, files, options["checkpoint"], options["force"])
    _refuse_contradictions(options, plot)
    with one_line_warnings() as warned:
        samples = _read(csv, options, "auto" if options["label"] is None else options["label"])
        options["label"] = samples.y.name  # type: ignore[union-attr]
        test = None if options["test"] is None else _read(options["test"], options, _label_in_test(options))
        say(f"Read {described(samples)}.")
        model, test, scores, scored = _train_and_score(csv, samples, test, options)
        table = _predictions(model, test)
        _print_results(table, scores, shorten=output is not None)
        write_files(
            files,
            table,
            model,
            lambda: _confusion_plot(scores),
            lambda: report_of_classifier(scored, test, scores, warned),
        )


def _refuse_contradictions(options: dict[str, Any], plot: str | None) -> None:
    if options["text"] is not None and options["series"] is not None:
        raise click.ClickException(f"{WHERE}: name --text for texts or --series for series, one of the two.")
    if options["label"] is None and (options["text"] or options["series"]):
        raise click.ClickException(f"{WHERE}: name the column of the classes with --label.")
    if options["series"] is None and options["text"] is None and (options["time"] or options["feature"]):
        raise click.ClickException(
            f"{WHERE}: --time and --feature are for series with a row for each timestep. Name the column of the series "
            "with --series."
        )
    series_options = [f"--{name}" for name in ("time", "feature", "decimal") if options[name]]
    if options["text"] is not None and series_options:
        raise click.ClickException(
            f"{WHERE}: {series_options[0]} is for series. Leave it out, or name --series instead of --text."
        )
    if plot is not None and options["test"] is not None and _label_in_test(options) is None:
        raise click.ClickException(
            f"{WHERE}: --plot draws true classes against predicted ones, and --test has no labels."
        )


def _label_in_test(options: dict[str, Any]) -> str | None:
    """Return the label column, or None where the test file lacks it."""
    from seqkit.data.cells import read_cells
    from seqkit.data.wide import read_wide_cells

    read = read_cells if options["text"] or options["series"] else read_wide_cells
    cells = read(options["test"], where=WHERE, **_form(options))
    return options["label"] if options["label"] in cells.texts.columns else None


def _form(options: dict[str, Any]) -> dict[str, Any]:
    separator = SEPARATOR_NAMES.get(options["separator"], options["separator"])
    return {"encoding": options["encoding"], "separator": separator, "sheet": options["sheet"]}


def _read(path: str, options: dict[str, Any], label: str | None) -> Samples:
    from seqkit.data.samples import read_sequences, read_texts

    say_what_takes_long(path)
    shared = {"label": label, **_form(options)}
    if options["text"] is not None:
        return read_texts(path, text=options["text"], **shared)
    features = list(options["feature"]) or None
    return read_sequences(
        path, series=options["series"], time=options["time"], features=features, decimal=options["decimal"], **shared
    )


def _train_and_score(
    csv: str, samples: Samples, test: Samples | None, options: dict[str, Any]
) -> tuple[Classifier, Samples, ClassScores | None, Classifier]:
    """Return the model of all samples, the samples to predict, their scores where labels are known, and the scored one.

    The one that is scored has not seen the samples that are held out.
    """
    log_errors_alone()
    from seqkit.classification.score import score_classifier
    from seqkit.classification.train import train_classifier
    from seqkit.task.recipe import SEED_OF_A_CHECKPOINT

    if options["checkpoint"] is not None and options["seed"] is None:
        options["seed"] = SEED_OF_A_CHECKPOINT  # also of the samples that are held out
    training = {name: options[name] for name in ("epochs", "seed")} | {"verbose": verbose_of(options)}
    checkpoint = options["checkpoint"]
    if test is not None:
        _refuse_other_features(samples, test)
        say("Training ...")
        model = train_classifier(samples.x, samples.y, checkpoint=checkpoint, **training)
        pair = (samples.x, samples.y)
        return model, test, None if test.y is None else score_classifier(model, test.x, test.y, train=pair), model
    train, held_out = _hold_out(csv, samples, options["seed"])
    say(f"Training on {len(train.x)} samples, to be scored on the other {len(held_out.x)} ...")
    scored = train_classifier(train.x, train.y, checkpoint=checkpoint and f"{checkpoint}.scored", **training)
    scores = score_classifier(scored, held_out.x, held_out.y, train=(train.x, train.y))
    say("Training on all samples ...")
    return train_classifier(samples.x, samples.y, checkpoint=checkpoint, **training), held_out, scores, scored


def _refuse_other_features(samples: Samples, test: Samples) -> None:
    if samples.features != test.features:
        raise click.ClickException(
            f"{WHERE}: --test has the features {_checks.listed(test.features)}, CSV has "
            f"{_checks.listed(samples.features)}. Name those that both have with --feature."
        )


def _hold_out(csv: str, samples: Samples, seed: int | None) -> tuple[Samples, Samples]:
    """Split off a fifth of the samples, with the same share of each class."""
    from seqkit.task.folds import assign_folds

    if len(samples.x) < FEWEST_SAMPLES:
        raise click.ClickException(
            f"{csv}: {len(samples.x)} samples are too few to hold some out for the scores, {FEWEST_SAMPLES} or more "
            "are needed. Name a file with --test."
        )
    is_held_out = assign_folds(list(samples.y), seed) == 0  # type: ignore[arg-type]
    return _select(samples, ~is_held_out), _select(samples, is_held_out)


def _select(samples: Samples, mask: Any) -> Samples:
    x: Any = [sample for sample, is_selected in zip(samples.x, mask, strict=True) if is_selected]
    return samples._replace(x=x, y=None if samples.y is None else samples.y[mask], names=samples.names[mask])


def _predictions(model: Classifier, samples: Samples) -> pd.DataFrame:
    """Return a row for each sample: its name or number, the predicted class, and the probability of each class."""
    import pandas as pd

    probabilities = model.predict(samples.x, verbose=0)
    table = pd.DataFrame(probabilities, columns=[f"p({label})" for label in model.labels]).map("{:.4f}".format)
    table.insert(0, "class", model.labels_of(probabilities))
    table.insert(0, str(samples.names.name), [str(name) for name in samples.names])
    return table


def _print_results(table: pd.DataFrame, scores: ClassScores | None, shorten: bool) -> None:
    echo_table(table, MOST_ROWS_WITH_FILE if shorten else None)
    if scores is None:
        echo("\nNot scored: --test has no labels.")
        return
    echo("")
    echo_table(scores.scores.map("{:.4g}".format).rename_axis("method").reset_index(), None)
    echo(f"\n{scores.verdict}")


def _confusion_plot(scores: ClassScores | None) -> Figure:
    from seqkit.classification.plots import plot_confusion

    if scores is None:
        raise click.ClickException(
            f"{WHERE}: --plot draws true classes against predicted ones, and --test has no labels."
        )
    return plot_confusion(scores.confusion)

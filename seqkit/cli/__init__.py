"""The command line: `seqkit forecast` and `seqkit classify`, also as `python -m seqkit forecast`."""

import gc
from typing import NoReturn

import click

from seqkit import __version__
from seqkit.cli.classify import classify
from seqkit.cli.forecast import forecast
from seqkit.cli.messages import OneLineErrors

SAME_COMMAND = (
    "`python -m seqkit` is the same command. Write that where `seqkit` is the tool for DNA sequences of that name."
)
COLLECTIONS = (50_000, 20, 100)  # thresholds of Python's garbage collector


@click.group(cls=OneLineErrors, invoke_without_command=True, epilog=SAME_COMMAND)
@click.version_option(__version__)
@click.pass_context
def seqkit(context: click.Context) -> None:
    """Recurrent sequence models that are right by default: a CSV in; a forecast or classes, and a model, out."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (forecast, classify):
    command.epilog = SAME_COMMAND
    seqkit.add_command(command)


def main(prog_name: str = "seqkit") -> NoReturn:
    """Run the console script; help and messages call it as its user did.

    Imports and traced graphs are millions of objects that stay, so Python looks for garbage less often: a tenth of the
    time of a short job.
    """
    gc.set_threshold(*COLLECTIONS)
    seqkit.main(prog_name=prog_name)

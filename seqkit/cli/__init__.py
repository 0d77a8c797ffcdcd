"""The command line: `seqkit forecast` and `seqkit classify`, also as `python -m seqkit forecast`."""

from typing import NoReturn

import click

from seqkit import __version__
from seqkit.cli.classify import classify
from seqkit.cli.forecast import forecast
from seqkit.cli.messages import OneLineErrors

SAME_COMMAND = (
    "`python -m seqkit` is the same command. Write that where `seqkit` is the tool for DNA sequences of that name."
)


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
    """Run the console script; help and messages call it as its user did."""
    seqkit.main(prog_name=prog_name)

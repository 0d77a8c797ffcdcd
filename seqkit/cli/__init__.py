"""The command line: `seqkit forecast` and `seqkit classify`, also as `python -m seqkit forecast`."""

from typing import NoReturn

import click

from seqkit import __version__
from seqkit.cli.classify import classify
from seqkit.cli.forecast import forecast
from seqkit.cli.messages import OneLineErrors


@click.group(cls=OneLineErrors, invoke_without_command=True)
@click.version_option(__version__)
@click.pass_context
def seqkit(context: click.Context) -> None:
    """Recurrent sequence models that are right by default: a CSV in; a forecast or classes, and a model, out.

    `python -m seqkit` is the same command. Write that where `seqkit` is the tool for DNA sequences of that name.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


seqkit.add_command(forecast)
seqkit.add_command(classify)


def main(prog_name: str = "seqkit") -> NoReturn:
    """Run the console script; help and messages call it as its user did."""
    seqkit.main(prog_name=prog_name)

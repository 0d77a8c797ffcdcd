"""The command line: `seqkit forecast` and `seqkit classify`."""

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
    """Recurrent sequence models that are right by default."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


seqkit.add_command(forecast)
seqkit.add_command(classify)


def main() -> NoReturn:
    """Run the console script."""
    seqkit.main(prog_name="seqkit")

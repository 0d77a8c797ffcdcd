"""`python -m seqkit`: the command line, also where another tool called seqkit comes first on the path."""

from seqkit.cli import main

main("python -m seqkit")

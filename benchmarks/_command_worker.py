"""The process of _commands.py: reads the arguments of a command, a JSON list a line, and answers [code, stderr]."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
import warnings

from seqkit.cli import seqkit


def code_of(arguments: list[str]) -> int:
    """Run one command like the console script; 1 where it shows a traceback."""
    try:
        seqkit.main(arguments, prog_name="seqkit")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Answer until there is no line."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # so that nothing but answers gets there
    for line in sys.stdin:
        error = io.StringIO()
        with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            code = code_of(json.loads(line))
        answers.write(json.dumps([code, error.getvalue()]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

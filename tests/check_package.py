"""Build seqkit, look into the files, install the wheel and run README's first lines there: `make package`.

Each check prints a line, and the first that fails ends the run. Nothing is left but `dist/` and what the build writes
beside the sources. It takes some minutes, most of them for the installation of TensorFlow.
"""

import email
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
FOREIGN = {"tests", "benchmarks", "notebooks", "docs", "data"}  # folders that a wheel must not bring along
KINDS = ("*.py", "*.pyi", "py.typed", "*.html", "*.css", "*.js", "*.h5")  # of the files that a wheel must hold
MOST_BYTES = 4_000_000  # of a wheel
TESTS_OF_SDIST = ["tests/data/test_examples.py", "tests/layers/test_layers.py"]


def say(what: str, *figures: str) -> None:
    print(f"ok  {what}" + (f": {', '.join(figures)}" if figures else ""), flush=True)


def require(condition: object, what: str) -> None:
    if not condition:
        sys.exit(f"FAILED  {what}")


def called(what: str, *command: str | Path, folder: Path = ROOT, **variables: str) -> str:
    """Run a command and return what it printed; end the run where it fails. PYTHONPATH of the caller is left out."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**usual, "MPLBACKEND": "agg", **variables}
    done = subprocess.run([str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True)
    require(done.returncode == 0, f"{what}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def run(what: str, *command: str | Path, folder: Path = ROOT, **variables: str) -> str:
    """As `called`, and say how long it took."""
    began = time.perf_counter()
    printed = called(what, *command, folder=folder, **variables)
    say(what, f"{time.perf_counter() - began:.0f} s")
    return printed


def size(path: Path) -> str:
    return f"{path.name} {path.stat().st_size / 1e6:.2f} MB"


def blocks(text: str, language: str = r"\w*") -> list[str]:
    """The fenced blocks of a Markdown text, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def first_command(readme: str) -> list[str]:
    """The words of README's first line for a shell that calls seqkit, behind `seqkit` or `python -m seqkit`."""
    lines = (line.partition(" #")[0] for block in blocks(readme) for line in block.splitlines())
    pattern = re.compile(r"^\s*(?:\$ )?(?:python3? -m )?seqkit (\w.*)$")
    return next(shlex.split(found[1]) for found in map(pattern.match, lines) if found)


def build() -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it, so that the sdist is known to be whole."""
    shutil.rmtree(DIST, ignore_errors=True)
    run("build: sdist, and the wheel from it", sys.executable, "-P", "-m", "build", "--outdir", DIST)
    (sdist,), (wheel,) = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    say("sizes", size(wheel), size(sdist))
    run("twine check --strict", sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    run("check-wheel-contents", Path(sys.executable).with_name("check-wheel-contents"), wheel)
    return sdist, wheel


def check_wheel(wheel: Path) -> None:
    """Compare the wheel with the sources: all of them, the examples and the weights, and nothing else."""
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    sources = {str(path.relative_to(ROOT)) for kind in KINDS for path in files_of_seqkit(kind)}
    examples = {f"seqkit/examples/{path.name}" for path in (ROOT / "data").glob("*.csv")}
    missing = (sources | examples) - names
    require(not missing, f"the wheel lacks {sorted(missing)}")
    foreign = sorted(name for name in names if not name.startswith(("seqkit/", "seqkit-")) or FOREIGN & parts(name))
    require(not foreign, f"the wheel holds {foreign}")
    require(wheel.stat().st_size < MOST_BYTES, f"the wheel has {wheel.stat().st_size} bytes, {MOST_BYTES} at most")
    say("the wheel holds all modules, stubs, py.typed, examples and weights, and no tests", f"{len(names)} files")


def files_of_seqkit(kind: str) -> list[Path]:
    return [path for path in (ROOT / "seqkit").rglob(kind) if "__pycache__" not in path.parts]


def parts(name: str) -> set[str]:
    """The folder below `seqkit/` in which a file would be foreign; `seqkit/data` is a room of seqkit's."""
    return set(name.split("/")[1:2]) - {"data"}


def check_metadata(wheel: Path) -> None:
    """Look at what an index would show."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(file.read(name))
    require(metadata["License-Expression"] == "Apache-2.0", "License-Expression: Apache-2.0")
    require(metadata["Author"] == "The seqkit developers", "Author: The seqkit developers")
    untrue = [key for key in ("Home-page", "Project-URL", "Author-email", "Maintainer") if metadata[key]]
    require(not untrue, f"fields that nothing true can fill: {untrue}")
    say("metadata", f"seqkit {metadata['Version']}", metadata["License-Expression"], metadata["Author"])


def check_install(wheel: Path, scratch: Path) -> None:
    """Install the wheel into a fresh environment, and run README's first command and first block there."""
    venv.create(scratch / "venv", with_pip=True)
    python, empty = scratch / "venv" / "bin" / "python", scratch / "empty"
    empty.mkdir()
    run("pip install of the wheel in a fresh environment", python, "-m", "pip", "install", "--quiet", wheel)
    run("pip check", python, "-m", "pip", "check")
    command = python.with_name("seqkit")
    require("forecast" in run("seqkit --help", command, "--help", folder=empty), "the help names `forecast`")
    run("python -m seqkit --help", python, "-m", "seqkit", "--help", folder=empty)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    words = first_command(readme)
    table = bring_table(words, python, empty)
    run(f"README's first command, seqkit {' '.join(words)} ({table})", command, *words, folder=empty)
    block = blocks(readme, "python")[0]
    run(f"README's first block, {len(block.splitlines())} lines of Python", python, "-c", block, folder=empty)
    say("files that are there then", *sorted(path.name for path in empty.iterdir()))


def bring_table(words: list[str], python: Path, folder: Path) -> str:
    """Put an installed example where the command looks for its table: that of this name, or the air passengers."""
    code = "import seqkit, pathlib; print(pathlib.Path(seqkit.__file__).parent / 'examples')"
    examples = Path(called("the installed examples", python, "-c", code, folder=folder).strip())
    require(examples.is_dir() and ROOT not in examples.parents, f"examples beside the installed seqkit, got {examples}")
    table = folder / words[1]
    example = examples / table.name if (examples / table.name).is_file() else examples / "air_passengers.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(example, table)
    return example.name


def check_sdist(sdist: Path, scratch: Path) -> None:
    """Unpack the sdist in an empty folder: all that git knows is there, all tests are found, and some of them pass."""
    with tarfile.open(sdist) as file:
        file.extractall(scratch / "sdist", filter="data")
    (folder,) = (scratch / "sdist").iterdir()
    if (ROOT / ".git").exists():
        tracked = called("git ls-files", "git", "ls-files", "-z").split("\0")
        missing = [name for name in tracked if name and not (folder / name).exists() and (ROOT / name).exists()]
        require(not missing, f"the sdist lacks {missing}")
        held = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        foreign = sorted(name for name in held - set(tracked) if not name.startswith(("PKG-INFO", "seqkit.egg-info/")))
        require(not foreign, f"the sdist holds {foreign}, which git does not know")
        say("the sdist holds the files of the repository and no others", f"{len(tracked)} files")
    pytest = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
    here = {"PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = run("all tests are found from the sdist", *pytest, "--collect-only", folder=folder, **here)
    say("found", found.splitlines()[-1])
    some = run("some tests run from the sdist", *pytest, "-m", "not slow", *TESTS_OF_SDIST, folder=folder, **here)
    say("run", some.splitlines()[-1])


def main() -> None:
    sdist, wheel = build()
    check_wheel(wheel)
    check_metadata(wheel)
    with tempfile.TemporaryDirectory() as scratch:
        check_sdist(sdist, Path(scratch))
        check_install(wheel, Path(scratch))


if __name__ == "__main__":
    main()

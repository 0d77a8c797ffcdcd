"""What `import seqkit` promises: quick, complete, and known to Keras; and what a release says of itself."""

import configparser
import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import seqkit
from seqkit._quiet_start import START_UP_LINE, without_start_up_lines
from seqkit.cli import seqkit as seqkit_command

ROOT = Path(__file__).parent.parent
SETUP = ROOT / "setup.cfg"
KERAS_ROOMS = ["seqkit.export", "seqkit.layers.stack"]  # the others import one of these first


def run(code: str) -> object:
    """The JSON that a fresh interpreter prints last."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(process.stdout.splitlines()[-1])


def test_importing_seqkit_and_reading_a_table_does_not_import_tensorflow():
    code = "import json, sys, seqkit; seqkit.read_csv, seqkit.split; print(json.dumps('tensorflow' in sys.modules))"
    assert run(code) is False


def test_every_public_name_is_there_and_documented():
    for name in seqkit.__all__:
        assert getattr(seqkit, name).__doc__, name


@pytest.mark.parametrize("first", ["keras", *KERAS_ROOMS])
def test_keras_knows_the_forecaster_whichever_module_is_imported_first(first):
    code = (
        f"import json, seqkit, {first}, keras; "
        "print(json.dumps(keras.saving.get_registered_object('seqkit>Forecaster') is not None))"
    )
    assert run(code) is True


MORE = ["train_classifier", "build_recurrent", "score_tagger"]  # the same hook of Keras's import, from other rooms


@pytest.mark.parametrize(
    "first", ["build_tagger", "gates", *(pytest.param(one, marks=pytest.mark.slow) for one in MORE)]
)
def test_keras_knows_every_model_whichever_public_name_is_used_first(first):
    names = ["Forecaster", "Classifier", "Regressor", "Tagger", "LanguageModel", "Seq2Seq", "Captioner"]
    code = (
        f"import json, seqkit; seqkit.{first}; import keras; "
        f"print(json.dumps([keras.saving.get_registered_object('seqkit>' + name) is not None for name in {names}]))"
    )
    assert run(code) == [True] * len(names)


def test_a_misspelt_name_is_refused_with_the_nearest():
    with pytest.raises(
        AttributeError, match=r"^module 'seqkit' has no attribute 'build_forcaster'. Did you mean 'b.*r'\?$"
    ):
        seqkit.build_forcaster  # noqa: B018
    assert not hasattr(seqkit, "zebra")


def test_a_misspelt_name_in_an_import_is_refused_with_the_nearest():
    with pytest.raises(ImportError, match="cannot import name 'build_forcaster' .*Did you mean 'build_forecaster'"):
        from seqkit import build_forcaster  # noqa: F401
    with pytest.raises(ImportError, match="cannot import name 'zebra' from 'seqkit'"):
        from seqkit import zebra  # noqa: F401
    from seqkit import export  # a module whose name is near that of no function

    assert export.__name__ == "seqkit.export"


def test_a_public_name_can_be_replaced_and_comes_back(monkeypatch):
    original = seqkit.split
    with monkeypatch.context() as patched:
        patched.setattr(seqkit, "split", len)
        assert seqkit.split is len
    assert seqkit.split is original
    del seqkit.split
    assert seqkit.split is original


@pytest.mark.parametrize("completer", ["jedi", "ipython", "python"])
def test_completing_a_name_imports_neither_tensorflow_nor_keras(completer):
    code = f"""
import json, rlcompleter, sys
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.Completer.use_jedi = {completer == "jedi"}
shell.run_cell("import seqkit as sk")
if {completer == "python"}:
    complete = rlcompleter.Completer(shell.user_ns).complete
    found = [complete("sk.", number) for number in range(len(shell.user_ns["sk"].__all__))]
else:
    with provisionalcompleter():
        found = [completion.text for completion in shell.Completer.completions("sk.", 3)]
names = [name.removeprefix("sk").removeprefix(".").rstrip("(") for name in found]
missing = sorted(set(shell.user_ns["sk"].__all__) - set(names))
print(json.dumps([missing, "tensorflow" in sys.modules, "keras" in sys.modules]))
"""
    assert run(code) == [[], False, False]


def test_the_version_is_said_in_one_place():
    process = subprocess.run([sys.executable, "-m", "seqkit", "--version"], capture_output=True, text=True, check=True)
    assert process.stdout.split()[-1] == seqkit.__version__
    assert "version = attr: seqkit.__version__" in SETUP.read_text()


def stderr_of(code, **variables):
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"} | variables
    process = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return process.stderr


USE_TENSORFLOW = """
import importlib.util, os
import seqkit
importlib.util.find_spec("tensorflow")  # a look whether it is there changes nothing
import tensorflow as tf
tf.constant(1) + 1
os.write(2, b"my line")
"""


def test_tensorflow_starts_without_a_line_and_leaves_my_lines():
    assert stderr_of(USE_TENSORFLOW) == "my line"


def test_tensorflow_says_what_the_user_asks_it_to_say():
    said = stderr_of(USE_TENSORFLOW, TF_CPP_MIN_LOG_LEVEL="0")
    assert START_UP_LINE.search(said.encode())  # which ones depends on the processor: not all have that of oneDNN
    assert said.endswith("my line")


def test_lines_that_are_no_start_up_lines_come_out_after_the_import(capfd):
    with without_start_up_lines():
        os.write(
            2, b"WARNING: All log messages before absl::InitializeLog() is called\nmine\nI0000 00:00 port.cc] oneDNN\n"
        )
        os.write(2, b"F0000 00:00 a fatal line\n")
    assert capfd.readouterr().err.splitlines() == ["mine", "F0000 00:00 a fatal line"]


def test_a_failed_import_gives_stderr_back(capfd):
    with pytest.raises(ImportError), without_start_up_lines():
        raise ImportError("no such library")
    os.write(2, b"mine")
    assert capfd.readouterr().err == "mine"


def setup():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(SETUP, encoding="utf-8")
    return parser


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_metadata_say_what_is_true_and_no_more():
    metadata = dict(setup()["metadata"])
    assert metadata["author"] == "The seqkit developers"
    assert metadata["license_expression"] == "Apache-2.0"  # of SPDX; `license =` would be free text
    assert metadata["license_files"] == "LICENSE"
    assert not [line for line in metadata["classifiers"].splitlines() if line.startswith("License ::")]
    nobody = {"url", "project_urls", "download_url", "author_email", "maintainer", "maintainer_email"}
    assert not nobody & set(metadata)


def test_the_changelog_and_the_citation_are_those_of_this_version():
    version, date = re.search(r"^## \[(\S+)] - (\S+)$", read("CHANGELOG.md"), re.MULTILINE).groups()
    assert version == seqkit.__version__
    cited = yaml.safe_load(read("CITATION.cff"))
    assert (cited["version"], cited["date-released"]) == (version, date)
    assert datetime.date.fromisoformat(date) >= datetime.date(2026, 11, 28)
    assert cited["license"] == setup()["metadata"]["license_expression"]
    assert cited["authors"] == [{"name": setup()["metadata"]["author"]}]


def test_every_extra_that_a_text_names_is_there():
    extras = set(setup()["options.extras_require"])
    pages = [path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")]
    for page in ["README.md", "CHANGELOG.md", "Makefile", *pages]:
        named = re.findall(r"(?:seqkit(?:-\S+?\.whl)?|\.)\[([a-z,]+)]|extra `([a-z]+)`", read(page))
        for several, one in named:
            assert set((several or one).split(",")) <= extras, page


def test_the_extra_of_a_gpu_is_tensorflow_within_the_same_bounds():
    options = setup()
    (usual,) = re.findall(r"^tensorflow(\S+)$", options["options"]["install_requires"], re.MULTILINE)
    assert options["options.extras_require"]["gpu"].strip() == f"tensorflow[and-cuda]{usual}"


def test_the_page_on_installing_without_tensorflow_names_every_other_requirement():
    needed = setup()["options"]["install_requires"].split()
    page = read("docs/start/install.md")
    assert [one for one in needed if f'"{one}"' not in page] == [one for one in needed if one.startswith("tensorflow")]


def test_the_sdist_holds_what_stands_beside_the_sources():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, so git cannot say which files there are")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    words = set(read("MANIFEST.in").split())
    brought = {"LICENSE", "MANIFEST.in", "pyproject.toml", "setup.cfg"}  # by setuptools
    assert {name.partition("/")[0] for name in tracked if name} - words <= brought


def test_the_workflow_calls_targets_that_the_makefile_has():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    jobs = yaml.safe_load(read(".github/workflows/tests.yml"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert runs == ["make test", "make package"]
    assert {run.removeprefix("make ") for run in runs} <= targets
    tried = jobs["test"]["strategy"]["matrix"]["python"]
    assert [f"Programming Language :: Python :: {one}" in setup()["metadata"]["classifiers"] for one in tried] == [
        True
    ] * 3


def test_the_hooks_before_a_commit_are_the_commands_of_make_check():
    (repository,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    hooks = {hook["entry"].removeprefix("python -m ").removesuffix(" --force-exclude") for hook in repository["hooks"]}
    commands = re.search(r"^check:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)[1]
    asked = {line.split("/", 1)[1].removesuffix(" --check") for line in commands.splitlines()}
    assert hooks == asked
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}  # nothing is downloaded


def test_the_command_is_called_as_its_user_called_it():
    process = subprocess.run([sys.executable, "-m", "seqkit", "forcast"], capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.endswith("See python -m seqkit --help.\n")


@pytest.mark.parametrize("words", [[], ["forecast"], ["classify"]])
def test_the_help_says_what_to_write_where_another_command_has_this_name(words):
    shown = CliRunner().invoke(seqkit_command, [*words, "--help"], prog_name="seqkit").output
    assert "`python -m seqkit` is the same command." in shown


PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_that_names_the_command_says_how_else_it_is_called(page):
    text = page.read_text(encoding="utf-8")
    assert "python -m seqkit" in text or not re.search(r"\bseqkit (forecast|classify)\b", text)

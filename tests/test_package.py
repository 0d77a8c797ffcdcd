"""What `import seqkit` promises: quick, complete, and known to Keras."""

import json
import subprocess
import sys

import pytest

import seqkit

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


@pytest.mark.parametrize("first", ["build_tagger", "train_classifier", "gates", "build_recurrent", "score_tagger"])
def test_keras_knows_every_model_whichever_public_name_is_used_first(first):
    names = ["Forecaster", "Classifier", "Tagger", "LanguageModel", "Seq2Seq", "Captioner"]
    code = (
        f"import json, seqkit; seqkit.{first}; import keras; "
        f"print(json.dumps([keras.saving.get_registered_object('seqkit>' + name) is not None for name in {names}]))"
    )
    assert run(code) == [True] * len(names)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'forecsat'|No seqkit attribute forecsat"):
        seqkit.forecsat  # noqa: B018

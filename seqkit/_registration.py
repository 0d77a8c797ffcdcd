"""Register seqkit's layers and models with Keras, so that plain `keras.models.load_model` finds them.

seqkit does not import Keras, which takes seconds. A hook waits until something else does.
"""

import importlib
import sys
from types import ModuleType

import wrapt

MODEL_MODULES = tuple(
    f"seqkit.{task}.model" for task in ("forecasting", "classification", "tagging", "language", "seq2seq", "captioning")
)
MODULES_WITH_A_HOOK = ("keras", "seqkit.export", "seqkit.layers")


def register_when_keras_is_imported() -> None:
    """Import the models after Keras, or after the first module of seqkit that imports Keras."""
    for name in MODULES_WITH_A_HOOK:
        wrapt.register_post_import_hook(_import_models, name)


def _import_models(imported: ModuleType) -> None:
    """Import the models, unless another module of seqkit is still being imported; the hook of that module follows."""
    others = [module for name, module in sys.modules.items() if name.startswith("seqkit.") and module is not imported]
    if not any(getattr(module.__spec__, "_initializing", False) for module in others):
        for name in MODEL_MODULES:
            importlib.import_module(name)

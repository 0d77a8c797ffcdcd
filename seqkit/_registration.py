"""Register seqkit's layers and models with Keras, so that plain `keras.models.load_model` finds them.

Keras is imported seconds after seqkit, or never. A hook waits for it.
"""

import importlib
import sys
from types import ModuleType

import wrapt

MODEL_MODULES = tuple(
    f"seqkit.{task}.model" for task in ("forecasting", "classification", "tagging", "language", "seq2seq", "captioning")
)
HOOKED = ("keras", "seqkit.export", "seqkit.layers")


def register_when_keras_is_imported() -> None:
    """Import the models after Keras, or after the first of our modules that imports it."""
    for name in HOOKED:
        wrapt.register_post_import_hook(_import_models, name)


def _import_models(loaded: ModuleType) -> None:
    """Import them, unless one of our own modules is halfway through its imports; its hook comes after."""
    ours = [module for name, module in sys.modules.items() if name.startswith("seqkit.") and module is not loaded]
    if not any(getattr(module.__spec__, "_initializing", False) for module in ours):
        for name in MODEL_MODULES:
            importlib.import_module(name)

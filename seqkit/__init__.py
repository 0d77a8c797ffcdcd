"""Recurrent sequence models that are right by default. The names are listed in `__init__.pyi`.

Nothing heavy is imported until it is used: TensorFlow takes seconds, and `seqkit --help` does not need it. As soon
as Keras itself is imported, seqkit's layers and models are registered with it, so that plain
`keras.models.load_model` finds them.
"""

import importlib
import sys
from types import ModuleType

import lazy_loader
import wrapt

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def _register_with_keras(loaded: ModuleType) -> None:
    """Import the models, unless one of our own modules is halfway through its imports; its hook comes after."""
    ours = [module for name, module in sys.modules.items() if name.startswith("seqkit.") and module is not loaded]
    if not any(getattr(module.__spec__, "_initializing", False) for module in ours):
        importlib.import_module("seqkit.models")


for _name in ("keras", "seqkit.export", "seqkit.layers"):
    wrapt.register_post_import_hook(_register_with_keras, _name)

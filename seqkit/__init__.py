"""Recurrent sequence models that are right by default. The names are listed in `__init__.pyi`.

Nothing heavy is imported until it is used: TensorFlow takes seconds, and `seqkit --help` does not need it. As soon
as Keras itself is imported, seqkit's layers and models are registered with it, so that plain
`keras.models.load_model` finds them.
"""

import importlib
from typing import Any

import lazy_loader
import wrapt

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def _register_with_keras(keras: Any) -> None:
    importlib.import_module("seqkit.models")


wrapt.register_post_import_hook(_register_with_keras, "keras")

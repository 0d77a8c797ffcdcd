"""Recurrent sequence models that are right by default. The names are listed in `__init__.pyi`.

Nothing heavy is imported until it is used: TensorFlow takes seconds, and `seqkit --help` does not need it. As soon
as Keras itself is imported, seqkit's layers and models are registered with it, so that plain
`keras.models.load_model` finds them.
"""

import lazy_loader

from seqkit._lazy_names import name_lazily, refuse_unknown_names
from seqkit._quiet_start import start_tensorflow_quietly
from seqkit._registration import register_when_keras_is_imported

__version__ = "0.2.0"

_load, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = refuse_unknown_names(__name__, __all__, _load)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


name_lazily(__name__, __all__)
start_tensorflow_quietly()
register_when_keras_is_imported()

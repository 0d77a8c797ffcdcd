"""Recurrent sequence models that are right by default. The names are listed in `__init__.pyi`.

Nothing heavy is imported until it is used: TensorFlow takes seconds, and `seqkit --help` does not need it. As soon
as Keras itself is imported, seqkit's layers and models are registered with it, so that plain
`keras.models.load_model` finds them.
"""

import lazy_loader

from seqkit._registration import register_when_keras_is_imported

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

register_when_keras_is_imported()

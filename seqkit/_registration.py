"""Register seqkit's layers and models with Keras, so that plain `keras.models.load_model` finds them, and guard it.

seqkit does not import Keras, which takes seconds. A hook waits until something else does.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import wrapt

MODEL_MODULES = tuple(
    f"seqkit.{task}.model"
    for task in (
        "forecasting",
        "classification",
        "regression",
        "tagging",
        "language",
        "seq2seq",
        "captioning",
        "recurrent",
    )
)
ROOT = Path(__file__).parent


def register_when_keras_is_imported() -> None:
    """Import the models after Keras, or after the outermost module of seqkit whose import brought Keras."""
    for name in ("keras", *_own_modules()):
        wrapt.register_post_import_hook(_import_models, name)


def _own_modules() -> list[str]:
    """The names of all modules in the rooms; any of them may be the first that someone imports."""
    paths = [path.relative_to(ROOT.parent).with_suffix("") for path in ROOT.glob("*/*.py")]
    modules = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    return [*modules, "seqkit.export", "seqkit.recurrent"]


def _import_models(imported: ModuleType) -> None:
    """Import the models, unless another module of seqkit is still being imported; the hook of that module follows."""
    modules = list(sys.modules.items())  # another thread may import meanwhile
    others = [module for name, module in modules if name.startswith("seqkit.") and module is not imported]
    if "keras" in sys.modules and not any(getattr(module.__spec__, "_initializing", False) for module in others):
        for name in (*MODEL_MODULES, "seqkit.forecasting.pretrained", "seqkit.task.halving_rate"):
            importlib.import_module(name)
        importlib.import_module("seqkit.task.guarded_loading").guard_loading()

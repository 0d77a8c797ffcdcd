"""The beginning of a script that serves a SavedModel where neither keras nor seqkit can be imported."""

ALONE = """
import importlib.abc, importlib.machinery, json, sys

class Blocked(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):  # TensorFlow looks keras up, which must not fail
        return importlib.machinery.ModuleSpec(name, self) if name in ("keras", "seqkit") else None

    def create_module(self, spec):
        raise ImportError(spec.name + " must not be needed")

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Blocked())
for name in ("keras", "seqkit"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(name + " can be imported")

import numpy as np
import tensorflow as tf
"""

"""Tagging: sentences or series in, a tag for every step out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_tagger"],
        "model": ["Tagger"],
        "answers": ["TaggedToken"],
        "train": ["train_tagger"],
        "score": ["TagScores", "score_tagger"],
    },
)

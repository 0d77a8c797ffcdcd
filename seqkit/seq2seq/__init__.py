"""Encoder-decoders: texts or series in, texts or series of another length out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_seq2seq"],
        "model": ["Seq2Seq"],
        "answers": ["Alignment"],
        "train": ["train_seq2seq"],
        "plots": ["plot_alignment"],
    },
)

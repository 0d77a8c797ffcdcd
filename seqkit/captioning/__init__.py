"""Captioning: images or feature vectors in, a caption for each out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_captioner"],
        "model": ["Captioner"],
    },
)

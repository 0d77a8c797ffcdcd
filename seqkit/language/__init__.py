"""Language models: text in, the probabilities of the next word or character out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_language_model"],
        "model": ["LanguageModel"],
        "train": ["train_language_model"],
    },
)

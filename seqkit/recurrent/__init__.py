"""Plain recurrent networks: Keras's layers with their own conventions, and the four shapes of a recurrent network."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "four_shapes": ["build_recurrent"],
        "keras_conventions": ["build_gru", "build_lstm", "build_rnn"],
        "model": ["RecurrentModel"],
    },
)

"""Look inside any Keras model: gates, gradients, attention weights, and their pictures."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention": ["attention_weights"],
        "attention_plots": ["plot_attention"],
        "by_hand": ["gru_by_hand", "lstm_by_hand", "simple_rnn_by_hand"],
        "cell_gates": ["gates"],
        "cell_plot": ["plot_cell"],
        "gpu": ["gpu_report"],
        "gradients": ["gradient_flow"],
        "plots": ["plot_gates", "plot_gradient_flow"],
    },
)

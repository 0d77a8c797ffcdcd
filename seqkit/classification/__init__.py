"""Classification: series or raw texts in, the probability of each class out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "build": ["build_classifier"],
        "model": ["Classifier"],
        "train": ["train_classifier"],
        "score": ["ClassScores", "score_classifier"],
        "plots": ["plot_confusion"],
        "attention_maps": ["AttentionMap", "attention_map", "step_attention"],
        "attention_by_class": ["attention_by_class", "plot_attention_by_class"],
        "deletion": ["Deletion", "deletion_curve", "plot_deletion"],
    },
)

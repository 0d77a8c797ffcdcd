"""Look inside any Keras model: gates, gradients, attention weights, backpropagation by hand, and their pictures."""

from seqkit.insight.attention import attention_weights
from seqkit.insight.attention_plots import plot_attention
from seqkit.insight.gates import gates
from seqkit.insight.gradients import gradient_flow
from seqkit.insight.plots import plot_gates, plot_gradient_flow

__all__ = ["attention_weights", "gates", "gradient_flow", "plot_attention", "plot_gates", "plot_gradient_flow"]

"""Every equation against what runs: layers against NumPy, gates against the layer, gradients by hand against autodiff.

python benchmarks/equations.py

Prints the largest absolute difference of each and fails above 1e-5 (float32 layers and gates) or 1e-8 (gradients in
float64).
"""

from __future__ import annotations

import itertools
import sys

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from _results import write_section
from keras import layers

from seqkit.insight.by_hand import gru_by_hand, lstm_by_hand, simple_rnn_by_hand
from seqkit.insight.cell_gates import gates
from seqkit.layers import (
    AttentionDecoder,
    CharacterWords,
    ClassProbabilities,
    FeatureAttention,
    FixedConvolutions,
    KnownSteps,
    LayerAttention,
    LearnedConvolutions,
    LinearChainCRF,
    NeighbourWords,
    PhraseConvolutions,
    QueryAttention,
    RawUnits,
    RecurrentStack,
    Segments,
    SeriesScaling,
    SmoothedBaseline,
    StepAttention,
    ValueTransform,
    WindowScaling,
)
from seqkit.task.search import beam_search

B, T, F, U, K = 3, 11, 2, 5, 4
LAYER_LIMIT, GRADIENT_LIMIT = 1e-5, 1e-8
RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("float32")


def largest(found: object, wanted: np.ndarray) -> float:
    return float(np.abs(np.asarray(found, "float64") - wanted).max())


def softmax(scores: np.ndarray) -> np.ndarray:
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def attention_layers() -> dict[str, float]:
    found = {}
    x = normal(B, T, U)
    for score in ("dense", "tanh"):
        layer = StepAttention(score)
        summed = layer(x)
        weights = softmax(((np.tanh(x) if score == "tanh" else x) @ layer.get_weights()[0])[..., 0])
        found[f"StepAttention, {score}"] = largest(summed, (x * weights[..., None]).sum(axis=1))
    outputs, layer = [normal(B, U) for _ in range(3)], LayerAttention()
    fused, stacked = layer(outputs), np.stack(outputs, axis=1)
    weights = softmax((stacked @ layer.get_weights()[0])[..., 0])
    found["LayerAttention"] = largest(fused, (stacked * weights[..., None]).sum(axis=1))
    layer = FeatureAttention()
    weighed = layer(x)
    scores = (x.mean(axis=1) + x.max(axis=1)) @ layer.get_weights()[0]
    found["FeatureAttention"] = largest(weighed, x / (1 + np.exp(-scores))[:, None])
    return found | {f"QueryAttention, {score}": query_attention(score) for score in ("additive", "dot", "general")}


def query_attention(score: str) -> float:
    query, source, layer = normal(B, T, U), normal(B, 7, U), QueryAttention(score)
    context = layer(query, source)
    weights = {"/".join(one.path.split("/")[-2:]): np.asarray(one) for one in layer.weights}
    if score == "additive":
        queries, keys = query @ weights["query/kernel"], source @ weights["source/kernel"] + weights["source/bias"]
        scores = (np.tanh(queries[:, :, None] + keys[:, None]) * weights["attention/scale"]).sum(axis=-1)
    else:
        scores = (query if score == "dot" else query @ weights["query/kernel"]) @ source.transpose(0, 2, 1)
    return largest(context, softmax(scores) @ source)


def forecaster_layers() -> dict[str, float]:
    x = np.exp(normal(B, 12, F))
    scaled, level, spread = WindowScaling(4)(x)
    wanted = (x - x[:, -4:].mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    there = np.stack([np.log(x[..., 0]), np.arcsinh(x[..., 1])], axis=-1)
    raw = RawUnits(("log", "asinh"))
    back = raw(raw.scale(x, level, spread), level, spread)
    baseline = SmoothedBaseline(5, 4)
    forecast = baseline(x)
    folded = x.reshape(B, 3, 4, F)
    decay = np.log1p(np.exp(-1.0))
    shape = np.tensordot(softmax(decay * np.arange(3)), folded - folded.mean(axis=2, keepdims=True), (0, 1))
    rest = x - np.tile(shape, (1, 3, 1))
    smooth = (rest * softmax(decay * np.arange(12))[:, None]).sum(axis=1, keepdims=True)
    return {
        "WindowScaling": largest(scaled, wanted),
        "ValueTransform": largest(ValueTransform(("log", "asinh"))(x), there),
        "RawUnits, there and back": largest(back, x),
        "Segments": largest(Segments(4)(x), x.reshape(B, 3, 4 * F)),
        "SmoothedBaseline": largest(forecast, smooth + np.tile(shape, (1, 2, 1))[:, :5]),
    }


def classifier_layers() -> dict[str, float]:
    x = normal(B, T, F)
    short = x.copy()
    short[1, 7:] = np.nan
    mean, spread = np.nanmean(short, axis=1, keepdims=True), np.nanstd(short, axis=1, keepdims=True)
    scores, probabilities = normal(B, K), ClassProbabilities()
    probabilities.build((None, K))
    probabilities.temperature.assign(2.0)
    found = {
        "SeriesScaling": largest(np.nan_to_num(SeriesScaling()(short)[0]), np.nan_to_num((short - mean) / spread)),
        "KnownSteps": largest(KnownSteps()(short), np.nan_to_num(short)),
        "ClassProbabilities": largest(probabilities(scores), softmax(scores / 2)),
    }
    return found | {
        "LearnedConvolutions": learned_convolutions(x),
        "FixedConvolutions": fixed_convolutions(x),
        "PhraseConvolutions": phrase_convolutions(x),
    }


def learned_convolutions(x: np.ndarray) -> float:
    layer = LearnedConvolutions((U,), (3,))
    described = layer(x)
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    kernel = np.asarray(layer.convolutions[0].kernel)  # (3, F, U)
    steps = sum(padded[:, shift : shift + T] @ kernel[shift] for shift in range(3))
    return largest(described, np.maximum(steps / np.sqrt(1 + layer.norms[0].epsilon), 0).mean(axis=1))


def phrase_convolutions(x: np.ndarray) -> float:
    layer = PhraseConvolutions(U, (3,))
    found = layer(x)
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    kernel = np.asarray(layer.convolutions[0].kernel)  # (3, F, U)
    steps = sum(padded[:, shift : shift + T] @ kernel[shift] for shift in range(3))
    return largest(found, np.maximum(steps, 0).max(axis=1))


def fixed_convolutions(x: np.ndarray) -> float:
    """The shares above the thresholds, each kernel and dilation by itself."""
    layer = FixedConvolutions(T, 84 * 2)
    layer.build(x.shape)
    layer.adapt(x)
    kernel, thresholds, shares = np.asarray(layer.kernel), np.asarray(layer.thresholds), []
    for position, dilation in enumerate(layer.dilations):
        padded = np.pad(x, ((0, 0), (4 * dilation, 4 * dilation), (0, 0)))
        steps = sum(padded[:, tap * dilation : tap * dilation + T] @ kernel[tap] for tap in range(9))
        shares += [(steps > row).mean(axis=1) for row in thresholds[position]]
    standardised = (np.concatenate(shares, axis=1) - np.asarray(layer.mean)) / np.asarray(layer.spread)
    return largest(np.asarray(layer(x)) * standardised.shape[1] / 2000, standardised)


def decoder_layer() -> dict[str, float]:
    """Luong's equations step by step, on states by hand (the layer does all steps at once)."""
    x, source, first, layer = normal(B, T, F), normal(B, 7, U), normal(B, U), AttentionDecoder(U, "simple_rnn")
    output, _, weights = layer(x, source, initial_state={"layer_1_hidden": first})
    named = {"/".join(one.path.split("/")[-2:]): np.asarray(one) for one in layer.weights}
    state, steps, looks = first, [], []
    for step in range(T):
        inward, recurrent = (named[f"simple_rnn_cell/{part}"] for part in ("kernel", "recurrent_kernel"))
        state = np.tanh(x[:, step] @ inward + state @ recurrent + named["simple_rnn_cell/bias"])
        looks.append(softmax(np.einsum("bu,bsu->bs", state @ named["query/kernel"], source)))
        context = np.einsum("bs,bsu->bu", looks[-1], source)
        steps.append(np.tanh(np.concatenate([context, state], axis=-1) @ named["combine/kernel"]))
    return {
        "AttentionDecoder, steps": largest(output, np.stack(steps, axis=1)),
        "AttentionDecoder, weights": largest(weights, np.stack(looks, axis=1)),
    }


def beam_against_exhaustive() -> dict[str, float]:
    """Scores of the best ten of all sequences of four words at most, each scored by hand."""
    table, penalty, start, end, longest = normal(7, 7) * 2, 0.7, 2, 3, 4
    logs = np.log(softmax(table))
    found = beam_search(
        lambda last, states, fixed: (keras.ops.take(table, last, axis=0), states),
        np.zeros((1, 1), "float32"),
        samples=1,
        width=500,
        longest=longest,
        start=start,
        end=end,
        penalty=penalty,
        never=(0, start),
    )
    inner, scores = (1, 4, 5, 6), []
    for length in range(1, longest + 1):
        lasts = (*inner, end) if length == longest else (end,)
        for words in itertools.product(*[inner] * (length - 1), lasts):
            total = sum(logs[pair] for pair in itertools.pairwise((start, *words)))
            scores.append(total / ((5 + length) / 6) ** penalty)
    return {"beam search, ten best": largest(found.scores[0, :10], np.sort(scores)[::-1][:10])}


def tagger_layers() -> dict[str, float]:
    """The chain against every path through five steps, and words against their characters one by one."""
    scores, layer = normal(B, 5, K), LinearChainCRF(forbidden=[(0, 1)])
    layer.build((None, None, K))
    for weight in layer.weights:
        weight.assign(normal(*weight.shape))
    transitions, first, last = (np.array(one, "float64") for one in (layer.transitions, layer.first, layer.last))
    transitions[0, 1] = -np.inf
    paths = np.array(list(itertools.product(range(K), repeat=5)))  # (K^5, 5)
    steps = scores[:, np.arange(5), paths].sum(axis=-1)  # (B, K^5)
    logs = steps + first[paths[:, 0]] + transitions[paths[:, :-1], paths[:, 1:]].sum(axis=-1) + last[paths[:, -1]]
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    best, probabilities = layer(scores)
    through = np.einsum("bp,ptk->btk", np.exp(logs), np.eye(K)[paths])
    allowed = np.flatnonzero(np.isfinite(logs[0]))[[7, 111, 333]]  # three paths without the forbidden pair
    found = layer.log_likelihood(scores, paths[allowed])
    return {
        "LinearChainCRF, log likelihood": largest(found, logs[np.arange(B), allowed]),
        "LinearChainCRF, best path": largest(best, paths[logs.argmax(axis=1)]),
        "LinearChainCRF, marginals": largest(probabilities, through),
        "CharacterWords": character_words(),
        "NeighbourWords": neighbour_words(),
    }


def neighbour_words() -> float:
    """Two sentences, the second shorter; words from number 6 on are guessed as unknown."""
    outputs, numbers, layer = normal(2, T, 2 * U), RNG.integers(1, 9, size=(2, T)), NeighbourWords(6, hidden=3)
    numbers[1, 7:] = 0
    layer.build(outputs.shape, numbers.shape)
    found, (ahead, back), (ahead_scores, back_scores) = layer.loss(outputs, numbers), layer.inner, layer.scores
    words, total, count = np.where(numbers < 6, numbers, 1), 0.0, 0
    for row, t in itertools.product(range(2), range(T - 1)):
        if not numbers[row, t + 1]:
            continue
        for half, wanted, inner, scores in (
            (outputs[row, t, :U], words[row, t + 1], ahead, ahead_scores),
            (outputs[row, t + 1, U:], words[row, t], back, back_scores),
        ):
            hidden = np.tanh(half @ np.asarray(inner.kernel) + np.asarray(inner.bias))
            total -= np.log(softmax(hidden @ np.asarray(scores.kernel) + np.asarray(scores.bias))[wanted])
        count += 1
    return largest(found, np.asarray(total / count))


def character_words() -> float:
    widths = (3, 5)
    layer, numbers = CharacterWords(7, U, 3, widths), RNG.integers(1, 7, size=(B, T, 6))
    found, wanted = layer(numbers), []
    for convolution, width in zip(layer.convolutions, widths, strict=True):
        kernel, beside = np.asarray(convolution.kernel), width // 2
        padded = np.pad(np.asarray(layer.vectors.embeddings)[numbers], ((0, 0), (0, 0), (beside, beside), (0, 0)))
        wanted.append(np.tanh(sum(padded[:, :, tap : tap + 6] @ kernel[tap] for tap in range(width)).max(axis=2)))
    return largest(found, np.concatenate(wanted, axis=-1))


def gates_against_layers() -> dict[str, float]:
    found, x = {}, normal(B, T, F)
    kinds = {
        "LSTM": lambda **options: layers.LSTM(U, **options),
        "GRU, reset after": lambda **options: layers.GRU(U, **options),
        "GRU, reset before": lambda **options: layers.GRU(U, reset_after=False, **options),
        "SimpleRNN": lambda **options: layers.SimpleRNN(U, **options),
    }
    for name, make in kinds.items():
        for backwards in (False, True):
            layer = make(return_sequences=True, go_backwards=backwards)
            model = keras.Sequential([keras.Input((T, F)), layer])
            model.set_weights([normal(*one.shape) for one in model.get_weights()])
            hidden = next(iter(gates(model, x).values())).hidden
            wanted = model.predict_on_batch(x)
            found[f"gates of {name}{', backwards' * backwards}"] = largest(hidden, wanted[:, :: -1 if backwards else 1])
    stack = RecurrentStack((U, U), "gru", bidirectional=True, return_sequences=True)
    model = keras.Sequential([keras.Input((T, F)), stack])
    shown = list(gates(model, x).values())[2:]
    joined = np.concatenate([one.hidden for one in shown], axis=-1)
    return found | {"gates of a bidirectional stack": largest(joined, model.predict_on_batch(x))}


def gradients_by_hand() -> dict[str, float]:
    """Gradients by hand against TensorFlow's through Keras's own layers, in float64."""
    found = {}
    x, y = RNG.normal(size=(B, T, F)), RNG.normal(size=(B, K))
    for name, layer, by_hand, names in (
        ("SimpleRNN", layers.SimpleRNN(U, dtype="float64"), simple_rnn_by_hand, [""]),
        ("LSTM", layers.LSTM(U, dtype="float64"), lstm_by_hand, ["_i", "_f", "_g", "_og"]),
        ("GRU", layers.GRU(U, reset_after=False, dtype="float64"), gru_by_hand, ["_z", "_r", "_h"]),
    ):
        head = layers.Dense(K, dtype="float64")
        with tf.GradientTape() as tape:
            loss = 0.5 * tf.reduce_sum((head(layer(tf.constant(x))) - y) ** 2) / B
        variables = [one.value for one in layer.trainable_variables + head.trainable_variables]
        weights = by_name([one.numpy() for one in variables], names)
        wanted = by_name([np.asarray(one) for one in tape.gradient(loss, variables)], names)
        result = by_hand(x, y, weights)
        found[f"gradients of {name} by hand"] = max(
            largest(result.gradients[name], one) for name, one in wanted.items()
        )
        found[f"loss of {name} by hand"] = abs(result.loss - float(loss))
    return found


def by_name(values: list[np.ndarray], gate_names: list[str]) -> dict[str, np.ndarray]:
    """Keras's arrays by the names of the derivation; the articles' update gate is the mirror image of Keras's."""
    *joined, out, out_bias = values
    named = {"W_o": out, "b_o": out_bias}
    for letter, one in zip("WRb", joined, strict=True):
        for gate, part in zip(gate_names, np.split(one, len(gate_names), axis=-1), strict=True):
            named[f"{letter}{gate}"] = -part if gate == "_z" else part
    return named


def main() -> None:
    keras.utils.set_random_seed(0)
    layer_differences = attention_layers() | forecaster_layers() | classifier_layers() | gates_against_layers()
    layer_differences |= tagger_layers() | decoder_layer() | beam_against_exhaustive()
    gradient_differences = gradients_by_hand()
    rows = {
        name: {"largest difference": f"{one:.1e}", "limit": f"{limit:.0e}"}
        for differences, limit in ((layer_differences, LAYER_LIMIT), (gradient_differences, GRADIENT_LIMIT))
        for name, one in differences.items()
    }
    write_section(
        "Equations against what runs",
        pd.DataFrame(rows).T.rename_axis("what"),
        "Layers and gates in float32; gradients by hand against TensorFlow's through Keras's layers in float64.",
    )
    if max(layer_differences.values()) > LAYER_LIMIT or max(gradient_differences.values()) > GRADIENT_LIMIT:
        sys.exit("an equation differs from what runs")


if __name__ == "__main__":
    main()

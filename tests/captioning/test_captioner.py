"""build_captioner: images or feature vectors in, captions out, decoded in the graph, saved and served."""

import functools
import itertools
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from alone import ALONE

import seqkit as sk
from seqkit.captioning.build import build_captioner
from seqkit.captioning.model import Captioner
from seqkit.captioning.settings import CaptionerSettings
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN, Vocabulary

TINY = {"units": 5, "embedding": 3, "cell": "simple_rnn", "dropout": 0.0}
CAPTIONS = ["a red cat", "a dog", "Two dogs!", "a red cat", "nothing"]


def images(count=5, shape=(7, 5, 3), seed=7):
    return np.random.default_rng(seed).normal(3, 2, (count, *shape)).astype("float32")


def build(shape=(7, 5, 3), like=None, **options):
    """A tiny captioner whose initial weights were changed, so that its answers differ."""
    keras.utils.set_random_seed(7)
    model = build_captioner(like=like or (images(shape=shape), CAPTIONS), **{**TINY, **options})
    random = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 0.5, weight.shape))
    return model


@functools.cache
def tiny_captioner(shape=(7, 5, 3), context="initial"):
    return build(shape, context=context)


def settings_of(**options):
    return build_captioner(**{"like": (images(), CAPTIONS), **TINY, **options}).settings


def encoder(shape=(7, 5, 3), flat=True):
    inputs = keras.Input(shape)
    outputs = keras.layers.Conv2D(3, 3, name="mine")(inputs)
    return keras.Model(inputs, keras.layers.Flatten()(outputs) if flat else outputs)


def caption_score(model, image, numbers):
    """log p of a caption by teacher forcing, divided by its length penalty."""
    previous = np.array([[2, *numbers[:-1]]], "int32")
    scores = keras.ops.convert_to_numpy(model([image[None], previous]))[0].astype(float)
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    return logs[np.arange(len(numbers)), numbers].sum() / ((5 + len(numbers)) / 6)


# What the training pairs decide


def test_shape_level_and_words_come_from_the_training_pairs():
    settings = settings_of()
    assert settings.image_shape == (7, 5, 3)
    assert (settings.level, settings.spread) == pytest.approx((images().mean(), images().std()))
    assert settings.words == (START, END, "a", "cat", "red", "!", "dog", "dogs", "nothing", "two")
    assert settings.longest == 5  # half as many again as three words
    assert settings_of(longest=2).longest == 2
    assert CaptionerSettings.from_config(json.loads(json.dumps(settings.to_config()))) == settings


def test_plain_arguments_make_a_captioner_without_pairs():
    model = build_captioner(image_shape=(7, 5, 1), vocabulary=["cat", "dog"], **TINY)
    assert [tensor.shape for tensor in model.inputs] == [(None, 7, 5, 1), (None, None)]
    assert model.vocabulary.words == (START, END, "cat", "dog")
    assert build_captioner(image_shape=11, vocabulary=Vocabulary(["a"], "characters"), **TINY).settings.image_shape == (
        11,
    )


def test_characters_are_joined_to_words():
    model = build(by="characters")
    assert set(model.vocabulary.words) - {START, END} == set("".join(CAPTIONS).lower())
    assert all(isinstance(caption, str) for caption in model.caption(images()))


@pytest.mark.parametrize("flat", [True, False])
def test_any_keras_model_may_encode_and_sees_raw_images(flat):
    user_encoder = encoder(flat=flat)
    model = build_captioner(like=(images(), CAPTIONS), encoder=user_encoder, **TINY)
    model.fit(images(), CAPTIONS, verbose=0)
    assert user_encoder.get_layer("mine").kernel in model.trainable_weights
    code = user_encoder(images())
    code = code if flat else keras.ops.mean(code, axis=(1, 2))
    layer = model.network.initial_states["layer_1_hidden"]
    state = keras.ops.tanh(code @ layer.kernel + layer.bias)
    np.testing.assert_allclose(model.network.encode(images()).states["layer_1_hidden"], state, rtol=1e-4, atol=1e-5)


def test_an_encoder_that_is_not_trained_stays_as_it_is():
    user_encoder = encoder()
    user_encoder.trainable = False
    model = build_captioner(like=(images(), CAPTIONS), encoder=user_encoder, **TINY)
    before = user_encoder.get_weights()
    model.fit(images(), CAPTIONS, epochs=2, verbose=0)
    for weight_after, weight_before in zip(user_encoder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight_after, weight_before)


# Captions


@pytest.mark.parametrize("context", ["initial", "every step"])
def test_it_learns_to_say_what_it_sees(context):
    keras.utils.set_random_seed(7)
    x, y = 3 * np.eye(5, 11), ["a red cat", "a dog", "two dogs !", "a cat", "nothing"]
    adam = keras.optimizers.Adam(0.03)
    model = build_captioner(like=(x, y), **{**TINY, "units": 13, "cell": "gru", "context": context, "optimizer": adam})
    history = model.fit(x, y, epochs=37, verbose=0).history
    assert sorted(history) == ["accuracy", "loss"]
    assert model.caption(x) == model.caption(x, beam=3) == model.predict(x).tolist() == y
    assert model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"] == 1


def test_validation_pairs_are_scored_after_each_epoch():
    history = build().fit(images(), CAPTIONS, epochs=2, validation_data=(images(3), CAPTIONS[:3]), verbose=0).history
    assert len(history["val_loss"]) == len(history["val_accuracy"]) == 2


def test_pairs_that_are_held_back_may_have_weights():
    model = build(optimizer=keras.optimizers.SGD(0.0))
    held = images(), CAPTIONS, [0, 1, 1, 0, 0]
    watched = model.fit(images(), CAPTIONS, validation_data=held, verbose=0).history["val_loss"]
    some = model.evaluate(images()[1:3], CAPTIONS[1:3], verbose=0, return_dict=True)["loss"]
    assert watched == pytest.approx([some], rel=1e-4)


def test_the_loss_is_the_mean_over_the_tokens_of_all_captions():
    model = tiny_captioner()
    loss = model.evaluate(images(), CAPTIONS, verbose=0, return_dict=True)["loss"]
    total = tokens = 0
    for image, caption in zip(images(), CAPTIONS, strict=True):
        numbers = [*model.vocabulary.encode([caption])[0], model.vocabulary.number_of(END)]
        total += caption_score(model, image, numbers) * (5 + len(numbers)) / 6
        tokens += len(numbers)
    assert loss == pytest.approx(-total / tokens, rel=1e-4)


def test_a_sample_weight_of_zero_leaves_a_pair_out():
    model = tiny_captioner()
    expected = model.evaluate(images()[1:3], CAPTIONS[1:3], verbose=0)
    loss = model.evaluate(images(), CAPTIONS, sample_weight=[0, 1, 1, 0, 0], verbose=0)
    assert loss == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("shape", "context"), [((7, 5, 3), "initial"), ((7, 5, 3), "every step"), ((11,), "initial")])
def test_greedy_decoding_takes_the_most_probable_word_each_time(shape, context):
    model = tiny_captioner(shape, context)
    for image, caption in zip(images(shape=shape), model.caption(images(shape=shape)), strict=True):
        tokens = [2]
        while len(tokens) <= model.settings.longest + 1:
            scores = keras.ops.convert_to_numpy(model([image[None], np.array([tokens], "int32")]))[0, -1].copy()
            scores[[PADDING, UNKNOWN, 2]] = -np.inf
            tokens.append(int(scores.argmax()))
            if tokens[-1] == 3:
                break
        assert model.vocabulary.join([tokens])[0] == caption


def test_a_beam_finds_what_is_most_probable_over_its_length():
    model = build(like=(images(3), ["a b", "b", "a"]), longest=2)
    captions = model.caption(images(3), beam=64)
    for image, caption in zip(images(3), captions, strict=True):
        words = range(4, len(model.vocabulary))
        candidates = [[*tokens, 3] for length in (0, 1, 2) for tokens in itertools.product(words, repeat=length)]
        candidates += [list(tokens) for tokens in itertools.product(words, repeat=3)]
        best = max(candidates, key=lambda numbers: caption_score(model, image, numbers))
        assert model.vocabulary.join([best])[0] == caption


def test_batches_of_images_answer_as_all_together():
    assert tiny_captioner().caption(images(), batch_size=2) == tiny_captioner().caption(images())
    assert len(set(tiny_captioner().caption(images()))) > 1


def test_images_of_every_kind_are_read_as_an_array_is():
    model, x = tiny_captioner((11,)), images(shape=(11,))
    for convert in (list, lambda x: x.astype("float64"), lambda x: x.tolist(), pd.DataFrame, tf.constant):
        assert model.caption(convert(x)) == model.caption(x)


def test_captions_longer_than_longest_are_cut_with_their_number_told():
    model = build(longest=2)
    with pytest.warns(UserWarning, match="fit: 3 of 5 captions have more than longest=2 tokens"):
        model.fit(images(), CAPTIONS, verbose=0)
    words = ["", "?", *model.settings.words]
    with pytest.warns(UserWarning, match="3 of 5"):
        batch = next(iter(model.batches("fit", images(), CAPTIONS)))
    captions = {tuple(words[number] for number in row if number) for row in batch[1].numpy()}
    assert captions == {("a", "red", "cat"), ("a", "dog", "[END]"), ("two", "dogs", "!"), ("nothing", "[END]")}


# Saved and served


@pytest.mark.parametrize("has_encoder", [False, True])
def test_a_loaded_captioner_says_the_same_and_is_trained_on(has_encoder, tmp_path):
    model = build(encoder=encoder()) if has_encoder else tiny_captioner()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, Captioner)
    assert loaded.settings == model.settings
    assert loaded.caption(images(), beam=3) == model.caption(images(), beam=3)
    assert np.isfinite(loaded.fit(images(), CAPTIONS, verbose=0).history["loss"]).all()


SERVE = (
    ALONE
    + """
served = tf.saved_model.load(sys.argv[1])
images = tf.constant(json.load(open(sys.argv[2])), tf.float32)
answers = {
    "one": served.signatures["serving_default"](images=images)["text"].numpy().tolist(),
    "three": served.caption(images, tf.constant(3))["text"].numpy().tolist(),
    "words": served.describe()["words"].numpy().tolist(),
    "image_shape": served.describe()["image_shape"].numpy().tolist(),
}
refused = []
for ask in (
    lambda: served.caption(images, tf.constant(0)),
    lambda: served.serve(images * np.nan),
    lambda: served.serve(images[:, :-1]),
    lambda: served.serve(images[:0]),
):
    try:
        ask()
    except tf.errors.InvalidArgumentError as error:
        refused.append(error.message)
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"answers": answers, "refused": refused, "loaded": loaded}, default=bytes.decode))
"""
)


def script(code, *arguments, **variables):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_saved_model_answers_as_the_live_one_without_keras(tmp_path):
    model = tiny_captioner()
    model.export(tmp_path / "model")
    (tmp_path / "images.json").write_text(json.dumps(images().tolist()))
    output = script(SERVE, tmp_path / "model", tmp_path / "images.json")
    assert output["loaded"] == []
    assert output["answers"]["one"] == model.caption(images())
    assert output["answers"]["three"] == model.caption(images(), beam=3)
    assert output["answers"]["words"] == list(model.vocabulary.names)
    assert output["answers"]["image_shape"] == [7, 5, 3]
    assert "beam must be 1 or more" in output["refused"][0]
    assert "image number 0 has missing or infinite values. Leave it out." in output["refused"][1]
    assert "the images have the shape (6, 5, 3); the captioner was built for (7, 5, 3)." in output["refused"][2]
    assert "no images at all, got the shape (0, 7, 5, 3)." in output["refused"][3]


JAX = """
import json
import keras
import numpy as np
from seqkit.captioning.build import build_captioner

keras.utils.set_random_seed(7)
x, y = np.eye(3, 7), ["a cat", "two dogs", "nothing"]
model = build_captioner(like=(x, y), units=13, embedding=5, dropout=0.0, optimizer=keras.optimizers.Adam(0.03))
model.fit(x, y, epochs=61, verbose=0)
print(json.dumps([keras.backend.backend(), model.caption(x), model.caption(x, beam=2)]))
"""


@pytest.mark.slow
def test_it_learns_on_another_backend():
    wanted = ["a cat", "two dogs", "nothing"]
    assert script(JAX, KERAS_BACKEND="jax") == ["jax", wanted, wanted]


# Refused in words


def make(x=None, y=CAPTIONS, **options):
    return sk.build_captioner(like=(images() if x is None else x, y), **{**TINY, **options})


def images_with(value):
    x = images()
    x[2, 0, 0, 0] = value
    return x


BAD = {
    "nothing to learn from": (lambda: sk.build_captioner(), ValueError, r"pass like=\(images, captions\), or image_sh"),
    "no vocabulary": (lambda: sk.build_captioner(image_shape=(7, 5, 3)), ValueError, "image_shape= and vocabulary="),
    "no pair": (lambda: sk.build_captioner(like=images()), TypeError, r"like= must be a pair \(images, captions\)"),
    "fewer captions": (lambda: make(y=CAPTIONS[:3]), ValueError, "5 images and 3 captions. They must pair up"),
    "more captions, fitted": (
        lambda: tiny_captioner().fit(images(3), CAPTIONS),
        ValueError,
        "fit: 3 images and 5 captions. They must pair up one to one",
    ),
    "captions left out": (
        lambda: tiny_captioner().fit(images()),
        ValueError,
        r"the captions are missing. Pass fit\(images, cap",
    ),
    "captions of nothing": (
        lambda: tiny_captioner().fit(images(), 5),
        TypeError,
        "fit: captions: a list of texts .* got 5",
    ),
    "no encoder": (lambda: build(encoder="resnet"), TypeError, "encoder= must be a Keras model or layer of images"),
    "an encoder of other images": (
        lambda: build(encoder=encoder((9, 9, 3))),
        ValueError,
        r"encoder= reads images of the shape \(9, 9, 3\), got images of the shape \(7, 5, 3\)",
    ),
    "one image alone": (lambda: tiny_captioner().caption(images()[0]), ValueError, r"Pass one image as image\[None\]"),
    "an empty caption": (
        lambda: tiny_captioner().fit(images(), [*CAPTIONS[:4], " "]),
        ValueError,
        "fit: 1 of 5 captions are empty, the first at position 4. Leave them out",
    ),
    "a caption that is no text": (
        lambda: make(y=[*CAPTIONS[:4], 7]),
        TypeError,
        "build_captioner: captions: text number 4 is 7, an int; strings are needed",
    ),
    "one caption": (lambda: make(y="a cat"), TypeError, "captions: a list of texts is needed, got one string"),
    "no words left": (
        lambda: make(least_count=99),
        ValueError,
        "build_captioner: no words are left of the captions.*lower least_count",
    ),
    "grey images": (
        lambda: make(images()[..., 0]),
        ValueError,
        r"got the shape \(5, 7, 5\). Pass images of one channel as images\[..., None\]",
    ),
    "other images": (
        lambda: tiny_captioner().caption(images(shape=(5, 7, 3))),
        ValueError,
        r"caption: the images have the shape \(5, 7, 3\); the captioner was built for \(7, 5, 3\)",
    ),
    "no images": (lambda: tiny_captioner().caption(images(0)), ValueError, "caption: no images at all"),
    "images of text": (
        lambda: tiny_captioner().caption(["a.png"]),
        TypeError,
        "caption: images must be numbers, got <U5",
    ),
    "images of two sizes": (
        lambda: make([images()[0], images(shape=(3, 3, 3))[0]]),
        ValueError,
        "the images are not all of one shape. Resize them to one size first",
    ),
    "a missing value": (
        lambda: make(images_with(np.nan)),
        ValueError,
        "build_captioner: image number 2 has missing or infinite values",
    ),
    "an infinite value": (
        lambda: tiny_captioner().caption(images_with(np.inf)),
        ValueError,
        "caption: image number 2 has missing",
    ),
    "image_shape against like": (
        lambda: make(image_shape=(5, 7, 3)),
        ValueError,
        r"image_shape=\(5, 7, 3\) differs from the shape of the images of like=, \(7, 5, 3\). Leave image_shape out",
    ),
    "image_shape of two": (
        lambda: sk.build_captioner(image_shape=(7, 5), vocabulary=["a"]),
        ValueError,
        r"image_shape must be \(height, width, channels\) or \(features,\), got \(7, 5\)",
    ),
    "an encoder of nothing": (
        lambda: make(encoder=keras.Sequential([keras.Input((7, 5, 3)), keras.layers.Reshape((7, 5, 3, 1))])),
        ValueError,
        r"encoder= must return one vector for each image, .*got the shape \(None, 7, 5, 3, 1\)",
    ),
    "beam": (lambda: tiny_captioner().caption(images(), beam=0), ValueError, "caption: beam must be 1 or more, got 0"),
    "context": (lambda: make(context="initail"), ValueError, "context must be one of .*Did you mean 'initial'"),
    "cell": (lambda: make(cell="LSMT"), ValueError, "build_captioner: cell must be one of .*Did you mean 'lstm'"),
    "longest": (lambda: make(longest=0), ValueError, "build_captioner: longest must be 1 or more, got 0"),
    "dropout": (lambda: make(dropout=1.0), ValueError, "dropout must be from 0 to below 1, got 1.0"),
    "by": (lambda: make(by="letters"), ValueError, "by must be one of 'words', 'spaces', 'characters', got 'letters'"),
    "validation without captions": (
        lambda: tiny_captioner().fit(images(), CAPTIONS, validation_data=(images(),)),
        ValueError,
        r"validation_data must be a pair \(x, y\)",
    ),
    "validation split": (
        lambda: tiny_captioner().fit(images(), CAPTIONS, validation_split=0.5),
        ValueError,
        "Pass validation_data=",
    ),
    "sample weights": (
        lambda: tiny_captioner().fit(images(), CAPTIONS, sample_weight=[1, 2]),
        ValueError,
        "fit: sample_weight must be one number for each of 5 pairs",
    ),
    "class weight": (
        lambda: tiny_captioner().fit(images(), CAPTIONS, class_weight={0: 2.0}),
        ValueError,
        "class_weight needs one answer for each sample, and these are pairs of image and caption",
    ),
}


@pytest.mark.parametrize(("ask", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


# Attention over the places of a map


def squares(count=40):
    """A bright square in one of four corners, and its name."""
    random = np.random.default_rng(7)
    corners = random.integers(0, 2, (count, 2))
    pictures = random.normal(0, 0.1, (count, 16, 16, 1)).astype("float32")
    for picture, (down, across) in zip(pictures, corners, strict=True):
        picture[8 * down + 2 : 8 * down + 6, 8 * across + 2 : 8 * across + 6] += 3
    return pictures, [
        f"a square {'below' if down else 'above'} {'right' if across else 'left'}" for down, across in corners
    ]


@pytest.mark.parametrize(
    "attention", ["additive", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("general", "dot"))]
)
def test_attention_gives_every_word_weights_over_the_places_of_the_map(attention, tmp_path):
    pictures, captions = squares(6)
    model = sk.build_captioner(like=(pictures, captions), units=8, embedding=4, cell="gru", attention=attention)
    model.fit(pictures, captions, verbose=0)
    maps = model.attention_maps(pictures)
    for one, caption in zip(maps, model.caption(pictures), strict=True):
        assert " ".join(one.words) == caption
        assert one.weights.shape[0] == len(one.words)
        assert one.weights.shape[1:] == model.network.encoder.output_shape[1:3]
        np.testing.assert_allclose(one.weights.sum(axis=(1, 2)), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.caption(pictures, beam=2) == model.caption(pictures, beam=2)
    model.export(tmp_path / "served")


def test_attention_without_places_is_refused():
    vectors = np.ones((2, 5), "float32")
    with pytest.raises(ValueError, match="attention looks at the places of a map"):
        sk.build_captioner(like=(vectors, ["a", "b"]), attention="dot", units=4)
    with pytest.raises(ValueError, match="attention_maps: the model has no attention"):
        sk.build_captioner(like=(vectors, ["a", "b"]), units=4).attention_maps(vectors)

"""A cell is named in seqkit's spelling or in Keras's, wherever one is named."""

import numpy as np
import pytest

import seqkit as sk
from seqkit.layers import AttentionDecoder, RecurrentStack
from seqkit.layers.gate_bias import ChronoBias

SPELLINGS = {
    "LSTM": "lstm",
    "Gru": "gru",
    "SimpleRNN": "simple_rnn",
    "RNN": "simple_rnn",
    "PeepholeLSTM": "peephole_lstm",
}
TEXTS, TAGS = [["so", "good"], ["so", "so"]], [["A", "B"], ["A", "A"]]
PLACES = {
    "RecurrentStack": lambda cell: RecurrentStack(3, cell).get_config()["cell"],
    "AttentionDecoder": lambda cell: AttentionDecoder(3, cell).get_config()["cell"],
    "build_recurrent": lambda cell: sk.build_recurrent("many_to_one", features=2, outputs=1, cell=cell).layers[1].cell,
    "build_forecaster": lambda cell: sk.build_forecaster(timesteps=5, features=1, horizon=2, cell=cell).settings.cell,
    "build_classifier": lambda cell: (
        sk.build_classifier(like=["so good", "bad"], labels=["a", "b"], units=2, cell=cell).settings.cell
    ),
    "build_tagger": lambda cell: sk.build_tagger(like=TEXTS, tags=TAGS, units=2, cell=cell).settings.cell,
    "build_language_model": lambda cell: sk.build_language_model(like=["so good"], units=2, cell=cell).settings.cell,
    "build_seq2seq": lambda cell: sk.build_seq2seq(like=(["so"], ["good"]), units=2, cell=cell).settings.cell,
    "build_captioner": lambda cell: (
        sk.build_captioner(like=(np.ones((1, 4, 4, 1)), ["so"]), units=2, cell=cell).settings.cell
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_keras_spelling_of_a_cell_is_stored_in_ours(spelling):
    assert PLACES["RecurrentStack"](spelling) == SPELLINGS[spelling]


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_names_a_cell_takes_capitals(place):
    assert PLACES[place]("GRU") == "gru"


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_cell_is_refused_with_the_nearest_name(place):
    with pytest.raises(sk.InvalidValue, match="cell must be one of .*got 'GRUU'. Did you mean 'gru'?"):
        PLACES[place]("GRUU")


def test_the_bias_of_gates_and_the_picture_of_a_cell_take_capitals():
    assert ChronoBias(7, "GRU").cell == "gru"
    assert sk.plot_cell("LSTM").axes


def test_a_network_without_gates_is_known_by_every_spelling():
    """Its biases cannot be set to remember, which build_recurrent does where there are gates."""
    model = sk.build_recurrent("many_to_one", features=2, outputs=1, timesteps=50, cell="RNN")
    assert model.layers[1].memory is None

"""Build a forecaster: the last rows of a table in, the next rows out, both in the units of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seqkit.forecasting.build_new import build_new
from seqkit.forecasting.build_pretrained import build_pretrained
from seqkit.forecasting.like import read_like
from seqkit.forecasting.model import Forecaster


def build_forecaster(
    *,
    horizon: int | None = None,
    like: pd.DataFrame | None = None,
    timesteps: int | None = None,
    features: int | None = None,
    targets: str | int | Sequence[str | int] | None = None,
    future_columns: str | int | Sequence[str | int] | None = None,
    static_columns: str | int | Sequence[str | int] | None = None,
    calendar: str | Sequence[str] | None = None,
    holidays: str | None = None,
    categories: str | Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    unseen: str = "refuse",
    season: int | Sequence[int] | None = None,
    preset: str | None = None,
    cell: str | None = None,
    units: int | Sequence[int] | None = None,
    activation: str | None = None,
    initial_state: str | None = None,
    attention: str | Sequence[str] | None = None,
    bidirectional: bool | None = None,
    dropout: float | Sequence[float] | None = None,
    first_dropout: float | None = None,
    segment: int | None = None,
    baseline: str | None = None,
    scaling: str | None = None,
    transform: str | None = None,
    fill: str | None = None,
    squeeze: bool | None = None,
    most_windows: int | None = None,
    channels: str | None = None,
    channel_vectors: int | None = None,
    head: str | None = None,
    members: str | Sequence[str] | None = None,
    weights: str | None = None,
    quantiles: Sequence[float] | None = None,
    loss: Any = None,
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> Forecaster:
    """Build a compiled recurrent forecaster: the last T rows in, the next H rows out, in raw units.

    `like=train` takes the columns, frequency, season, timesteps and transform from that table, and the statistics of
    `scaling="standard"`; the model keeps nothing else of it. For arrays, pass `timesteps` and `features` instead.
    `benchmarks/defaults.py` chose the defaults.

    Args:
        horizon: rows to predict at once, H. By default a season of the table, at most a third of its rows; 6 rows
            without a season.
        like: training table, a DataFrame with a regular time index; or a panel, whose series one model then forecasts,
            those too that it has never seen. The frequency, columns and seasons are those of the series together.
        timesteps: rows in the input window, T. By default as many whole seasons as the table has rows for, 8 at
            most; or half of the rows, at most 96, where that is more.
        features: columns of an array, F.
        targets: the column or columns to predict; by default all that are not known ahead. One that is zero on one row
            of a hundred of `like` or more, and never below, has no forecast below zero; nor has one whose values above
            zero are read by a log or by asinh, or would be without `weights`.
        future_columns: the column or columns whose future is known when a forecast is made, such as a price or a
            promotion that is planned. `forecast` then needs `future=`, a table of them. Their effect at each step is
            learnt: a linear one, and a bent one of 16 hidden units (`CovariateEffects`); it is taken out of the past,
            and added to the forecast of what remains. All other columns that are no targets are read in the past alone.
        static_columns: of a panel, the column or columns with one value a series, such as the size of a shop. The head
            reads them, and the bent effects of future columns do.
        calendar: parts of the calendar that the time stamps tell of each step, past and ahead: some of `"hour"`,
            `"weekday"`, `"month"` and `"year"`, the position in it; none by default. Their effects are learnt as those
            of future columns, and the graph makes them itself (`CalendarFeatures`) from the stamp of the last row, its
            input `time`. Seasons need none: a season that repeats is in the baseline. Stamps with a time zone are read
            on their own clock.
        holidays: the public holidays of a country, by its code such as `"DE"`, or `"DE-BY"` for a part of it: the day,
            the one before and the one after. The package `holidays` (extra `holidays`) tells them when the model is
            built, and the model keeps them.
        categories: the columns of words, such as a kind of promotion; those of pandas dtype category are without being
            named. They may be known ahead, static, or read in the past alone, and a word turns into numbers inside the
            model. The model knows the words of the table, and those of a mapping from columns to lists of words. A gap
            in a category is allowed, and counts as none of its words.
        unseen: what to do about a word that the model does not know: `"refuse"` (the default), or `"unknown"`, which
            takes it as a gap.
        season: rows in a season; 1 for none; or of two seasons, such as `(24, 168)` for the day and the week of
            hours. By default those of the calendar's two next cycles that the targets show, by an F test of the phases
            or by their autocorrelation: day and week, week and year, or year. The longer one counts where the horizon
            is a thirteenth of it or more.
        preset: `"stacked_lstm"`, the articles' stack (LSTM 128, dropout 0.5, LSTM 128, LSTM 64, dense) with the
            default scaling and baseline; or `"article"`, the same exactly as the articles write it: no scaling, no
            baseline, `"mse"`, `"adam"`, output `[B, H]`; or `"long_horizon"`, `channels="independent"` and
            `head="segments"` with 128 units and dropout 0.5, which `benchmarks/long_horizon.py` measures on horizons of
            96 to 720 rows. What a preset says is refused as an argument beside it.
        cell: `"gru"` (the default), `"lstm"`, `"simple_rnn"` or `"peephole_lstm"`.
        units: units of each recurrent layer, first to last; 32 by default, 128 for a panel.
        activation: of the cells' candidates and outputs, by name; `"tanh"` by default, which alone can use the cuDNN
            kernel.
        initial_state: `"zeros"` (the default), `"random"` (in training) or `"learned"`, a weight.
        attention: what of the recurrent layers makes the forecast: `"none"`, the last step (the default); all steps by
            weight, `"dense"`, `"tanh"` or `"weighted_tanh"` (`StepAttention`); `"layers"`, the last step of each layer
            (`LayerAttention`). `"features"` weighs the columns of the window (`FeatureAttention`). Several are passed
            as a list.
        bidirectional: read the window in both directions; False by default.
        dropout: fraction that training drops after each layer, one number for each layer.
        first_dropout: fraction that training drops after the first layer only; 0.2 by default, 0.5 for a panel. In this
            release, a single number as `dropout` still means `first_dropout`, with a warning where there are more
            layers.
        segment: timesteps that are joined to one recurrent step; 1 for none. By default a calendar period, where a
            window is two or more of them; else a sixteenth of a window of more than 96 rows. The level of the window
            fills up a first segment that is shorter.
        baseline: the forecast to which the output of the network is added, in scaled units: `"smoothed"` (the default:
            exponentially smoothed level and season, with learnt weights), `"last"` (the last value) or `"none"`.
        scaling: `"window"` (the default: by the level and spread of each window), `"standard"` (by the mean and
            standard deviation of the training rows) or `"none"`.
        transform: `"log"`, `"asinh"` or `"none"`, before scaling. By default a log for each column of the table whose
            values are all above zero, and asinh where a few zeros keep it from a log (none is below 0, one in
            twenty or fewer below 1, and the values are less skewed then).
        fill: how to fill missing values of the input from earlier rows: `"last"` or `"mean"`; or `"mask"`, the last
            value, beside which the recurrent layers read what is known, and the time since the last reading
            (`GapChannels`). Then a column that is no target may lack throughout a window, and windows without a known
            value of a target are left out of training. None refuses missing values.
        most_windows: windows that a series of a panel gives to an epoch, at most, so that long series do not crowd out
            short ones; the median over the series by default. A longer series gives other windows in each epoch.
        squeeze: return `[B, H]` where there is one target, as a dense layer of H units does; False by default.
        channels: `"independent"` (the default), where each target column is a sequence of its own, all of them with the
            same weights: no target reads another one, and columns that are no targets are read beside each of them;
            or `"joint"`, where one sequence of all columns makes all forecasts. With one target both are the same.
            `benchmarks/columns.py` chose the default: ten quarterly columns have a MASE of 0.42 for 0.58 joint, and
            hourly ones 0.88 for 0.91 and 0.82 for 0.93. Beside `attention="features"`, which weighs the columns
            against each other, the default is `"joint"`.
        channel_vectors: with `"independent"`, the numbers in a learnt vector of each target column, which the head
            reads, `[C, channel_vectors]`; 0 for none.
        head: `"dense"` (the default), one layer for all steps of the horizon, or `"segments"` (that of a panel): the
            horizon is cut into pieces of `segment` steps, each of which is decoded by the same layers from a learnt
            vector of its position (`SegmentDecoder`).
        members: other forecasts inside the model, none by default: `"ets"` (`ExponentialSmoothing`), `"theta"`
            (`Theta`), `"pretrained"` (the network of `weights="synthetic"`) and `"smoothed"` (the untrained baseline).
            The forecast is their mean, moved towards that of the trained network by a share, which no gradient
            changes: at first that network counts as one of them, and `train_forecaster` sets the share by its folds.
            In the mean `"pretrained"` has two thirds beside others, until the folds move that too; of a panel each
            window weighs them by their errors in its last horizon. `fit` trains the network as if there were none.
        weights: None (the default) for random ones, or `"synthetic"`: a network that was trained on synthetic series
            alone, and forecasts a series that it has never seen without training; `fit` goes on from there. It reads
            256 timesteps at most, and a table may be shorter. It tells quantiles, and missing values need no `fill`.
            The weights decide about the network, so `cell`, `units`, `segment`, `scaling`, `baseline`, `transform`,
            `preset`, `attention` and what else describes one are refused beside them.
        quantiles: their levels; by default .005, .025, .05, .1, .25, .5 and mirrored. They rise, and .5 stands in the
            middle. Beside `weights` they are those of the network, none beyond .005 and .995, and `loss=` makes none.
            Else `train_forecaster` or `calibrate` sets how far they lie from the forecast. () is for none, which is the
            default of `preset="article"`.
        loss: any Keras loss; it compares scaled values. `"mae"` by default, `"mse"` for targets that are intermittent
            (zero on most rows, so that their median is 0), which a warning says; the quantile loss beside `weights`.
        optimizer: any Keras optimizer. By default Adam with gradients clipped to norm 1, whose learning rate falls over
            the epochs of `fit`, and whose weights are averaged over about the latest ninth of all steps. A callback of
            Keras's that sets the learning rate or swaps averaged weights takes the place of that.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". It suits long
            trainings of small models with many timesteps; see "How quick it is" in docs/insides.

    Returns:
        `Forecaster`, a compiled `keras.Model`; its metrics are `mae` and `rmse` in raw units.

    Raises:
        TypeError, ValueError: an argument out of its range, neither `like` nor `timesteps` and `features`, an
            unknown target, too few rows.

    Example:
        The stack of the articles for arrays:

        >>> model = build_forecaster(timesteps=36, features=1, horizon=3, preset="article")
        >>> model.output_shape, model.count_params()
        ((None, 3), 247747)
    """
    arguments = {name: value for name, value in locals().items() if name != "like"}  # before any other name is bound
    known = read_like(like, arguments)
    return (build_new if weights is None else build_pretrained)(known, arguments)

"""The process of a peer in whole_job.py: reads a CSV, trains with its defaults or quick start, writes its forecast.

python _whole_job_peers.py WAY IN.csv OUT.csv HORIZON SEASON FREQ SEED EPOCHS

Each function imports its own library, so that nobody waits for another one.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pandas as pd

os.environ["TQDM_DISABLE"] = "1"
NO_BARS = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}


def auto_ets(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    models = StatsForecast([AutoETS(season_length=options["season"])], freq=options["freq"])
    return models.forecast(df=_long(table), h=options["horizon"])


def neural_lstm(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from neuralforecast.models import LSTM

    sizes = {"encoder_hidden_size": 64, "decoder_hidden_size": 64}
    return _neural(LSTM, table, options, max_steps=500, scaler_type="standard", **sizes)


def neural_nhits(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from neuralforecast.models import NHITS

    return _neural(NHITS, table, options, max_steps=100, n_freq_downsample=[2, 1, 1])


def _neural(kind: Any, table: pd.DataFrame, options: dict[str, Any], **settings: Any) -> pd.DataFrame:
    from neuralforecast import NeuralForecast

    horizon = options["horizon"]
    given = {"input_size": 2 * horizon, "h": horizon, "random_seed": options["seed"], **NO_BARS}
    models = NeuralForecast([kind(**given, **settings)], freq=options["freq"])
    models.fit(_long(table))
    return models.predict()


def darts_rnn(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from darts.models import RNNModel

    windows = {"input_chunk_length": 2 * options["horizon"], "training_length": 3 * options["horizon"]}
    return _darts(RNNModel, table, options, **windows)


def darts_block_rnn(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from darts.models import BlockRNNModel

    windows = {"input_chunk_length": 2 * options["horizon"], "output_chunk_length": options["horizon"]}
    return _darts(BlockRNNModel, table, options, **windows)


def _darts(kind: Any, table: pd.DataFrame, options: dict[str, Any], **windows: int) -> pd.DataFrame:
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler

    scaler = Scaler()
    series = scaler.fit_transform(TimeSeries.from_dataframe(table.astype("float32"), freq=options["freq"]))
    trainer = {"accelerator": "cpu", **NO_BARS}
    model = kind(
        model="LSTM",
        n_epochs=options["epochs"],
        random_state=options["seed"],
        pl_trainer_kwargs=trainer,
        **windows,
    )
    model.fit(series)
    return scaler.inverse_transform(model.predict(options["horizon"])).to_dataframe()


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each time stamp and column, as Nixtla's libraries take them."""
    named = table.rename_axis("ds").reset_index()
    return named.melt("ds", var_name="unique_id", value_name="y")


def _wide(forecast: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    if "unique_id" not in forecast:
        return forecast[columns]
    return forecast.pivot(index="ds", columns="unique_id", values=forecast.columns[-1])[columns]


WAYS = {
    "AutoETS": auto_ets,
    "Darts RNNModel": darts_rnn,
    "Darts BlockRNNModel": darts_block_rnn,
    "neuralforecast LSTM": neural_lstm,
    "neuralforecast NHITS": neural_nhits,
}


def main() -> None:
    way, source, target, *numbers, freq, seed, epochs = sys.argv[1:]
    options = dict(zip(("horizon", "season"), map(int, numbers), strict=True))
    options |= {"freq": freq, "seed": int(seed), "epochs": int(epochs)}
    table = pd.read_csv(source, index_col=0, parse_dates=True)
    _wide(WAYS[way](table, options), list(table)).to_csv(target)


if __name__ == "__main__":
    main()

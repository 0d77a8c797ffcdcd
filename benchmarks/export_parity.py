"""A trained model's SavedModel against the live model, in a process that has neither seqkit nor keras.

python benchmarks/export_parity.py

For each cell, a model trained on one column and one on several columns: batches of 1 and 7 windows with more
rows than the model reads. Prints the largest difference relative to the largest forecast, and fails above 1e-5.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk
from seqkit.export import RELATIVE_TOLERANCE, relative_difference

DATA = Path(__file__).parent.parent / "data"
WITHOUT_KERAS = """
import sys
class Without:
    def __init__(self, finder): self.finder = finder
    def find_spec(self, name, path=None, target=None):
        absent = name.split(".")[0] in ("seqkit", "keras")
        return None if absent else self.finder.find_spec(name, path, target)
sys.meta_path = [Without(finder) for finder in sys.meta_path]
"""
SERVE = (
    WITHOUT_KERAS
    + """
import numpy as np, tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
past = np.load(sys.argv[2])
np.save(sys.argv[3], model.signatures["serving_default"](past=tf.constant(past))["forecast"].numpy())
assert "keras" not in sys.modules and "seqkit" not in sys.modules
"""
)


def served(folder: Path, past: np.ndarray) -> np.ndarray:
    np.save(folder / "past.npy", past)
    paths = [str(folder / name) for name in ("model", "past.npy", "forecast.npy")]
    subprocess.run([sys.executable, "-c", SERVE, *paths], check=True, capture_output=True)
    return np.load(folder / "forecast.npy")


def differences(file: str, cell: str) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = sk.read_csv(DATA / file)
    model = sk.train_forecaster(table, horizon=6, cell=cell, epochs=20, seed=0)
    timesteps, rows = model.settings.timesteps, table.to_numpy("float32")
    found: dict[str, object] = {"columns": table.shape[1], "timesteps": timesteps}
    with tempfile.TemporaryDirectory() as scratch:
        model.export(Path(scratch) / "model")
        for batch in (1, 7):
            past = np.stack([rows[start : start + timesteps + 5] for start in range(batch)])
            wanted = model.predict_on_batch(past[:, -timesteps:])
            found[f"batch {batch}"] = f"{relative_difference(served(Path(scratch), past), wanted):.1e}"
    return found


def main() -> None:
    cases = [(file, cell) for file in ("air_passengers.csv", "macro.csv") for cell in ("lstm", "gru", "simple_rnn")]
    table = pd.DataFrame({f"{file}, {cell}": differences(file, cell) for file, cell in cases}).T
    largest = table[["batch 1", "batch 7"]].astype(float).to_numpy().max()
    write_section(
        "SavedModel against the live model",
        table.rename_axis("model"),
        f"Largest relative difference {largest:.1e}; at most {RELATIVE_TOLERANCE:.0e} is asked.",
    )
    if largest > RELATIVE_TOLERANCE:
        sys.exit("the SavedModel differs from the live model")


if __name__ == "__main__":
    main()

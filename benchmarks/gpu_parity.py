"""Answers of the same weights on a GPU and on the CPU: networks, directions and masks of every kind.

python benchmarks/gpu_parity.py [--device gpu]

KERAS_BACKEND names Keras's backend, TensorFlow or JAX. A process on the CPU and one on the device build the same
networks with the same seed, answer, train for eight steps and answer again. The table has the largest difference of
the answers before and after. On the device, JAX multiplies matrices with full precision (`highest`): its default
rounds to ten bits there. `--device cpu` tries the benchmark where there is no GPU.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _devices import device_name
from _results import write_section

HERE = Path(__file__).parent
SAMPLES, TIMESTEPS, FEATURES = 64, 12, 3
MASKS = {
    "no padding": np.ones(TIMESTEPS),
    "padding right": np.r_[np.ones(7), np.zeros(5)],
    "padding left": np.r_[np.zeros(5), np.ones(7)],
    "padding on both sides": np.r_[np.zeros(3), np.ones(6), np.zeros(3)],
    "a gap": np.r_[np.ones(4), np.zeros(4), np.ones(4)],
    "padding alone": np.zeros(TIMESTEPS),
}
ON_THE_CPU = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}


def cases() -> dict[str, tuple[Any, np.ndarray]]:
    """Networks by name, each with its samples."""
    import seqkit as sk

    random = np.random.default_rng(0)
    x = random.normal(size=(SAMPLES, TIMESTEPS, FEATURES)).astype("float32") + 4.0
    plain: dict[str, Any] = {"features": FEATURES, "timesteps": TIMESTEPS, "outputs": 2}
    found = {
        "build_lstm": (sk.build_lstm(16, **plain), x),
        "build_gru": (sk.build_gru(16, **plain), x),
        "build_lstm, both directions, three layers": (sk.build_lstm((16, 16, 8), bidirectional=True, **plain), x),
        "build_lstm, peepholes": (sk.build_lstm(16, peepholes=True, **plain), x),
        "build_forecaster": (sk.build_forecaster(timesteps=TIMESTEPS, features=FEATURES, horizon=4, season=4), x),
        "build_forecaster, attention": (
            sk.build_forecaster(
                timesteps=TIMESTEPS, features=FEATURES, horizon=4, segment=1, season=4, attention="tanh", units=16
            ),
            x,
        ),
    }
    for cell in ("lstm", "gru"):
        for name, mask in MASKS.items():
            options: dict[str, Any] = {"features": FEATURES, "outputs": 2, "cell": cell, "units": 16, "padding": 0.0}
            network = sk.build_recurrent("many_to_many", bidirectional=True, **options)
            padded = np.where(np.arange(SAMPLES)[:, None, None] % 2, x * mask[None, :, None], x)
            found[f"build_recurrent, {cell}, {name}"] = network, padded.astype("float32")
    return found


def answers() -> dict[str, np.ndarray]:
    """What each network answers before and after eight steps of training."""
    import keras

    keras.utils.set_random_seed(1)
    found = {}
    for name, (model, x) in cases().items():
        before = np.asarray(model.predict_on_batch(x))
        y = np.zeros(before.shape, "float32")
        y[..., 0] = 1.0
        model.fit(x, y, batch_size=SAMPLES // 8, shuffle=False, verbose=0)
        found[f"{name}|before"], found[f"{name}|after"] = before, np.asarray(model.predict_on_batch(x))
    return found


def run_in_a_process(device: str, output: Path) -> str:
    """Let a process on the CPU or on the GPU write its answers; its device comes back."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.resolve()), "JAX_DEFAULT_MATMUL_PRECISION": "highest"}
    environment |= ON_THE_CPU if device == "cpu" else {}
    command = [sys.executable, str(Path(__file__).resolve()), "--answers", str(output)]
    *_, last = subprocess.check_output(command, env=environment, cwd=HERE, text=True).splitlines()
    return last


def compare(device: str) -> tuple[str, pd.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "cpu.npz", Path(folder) / "device.npz"]
        _, name = run_in_a_process("cpu", paths[0]), run_in_a_process(device, paths[1])
        ours, theirs = (dict(np.load(path)) for path in paths)
    if device == "gpu" and name == "cpu":
        raise SystemExit("There is no GPU. `--device cpu` tries the benchmark without one.")
    rows: dict[str, dict[str, str]] = {}
    for key in ours:
        case, when = key.split("|")
        rows.setdefault(case, {})[f"{when} training"] = f"{np.abs(ours[key] - theirs[key]).max():.1e}"
    return name, pd.DataFrame(rows).T.rename_axis("network")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answers:
        np.savez(arguments.answers, **answers())
        print(device_name())
        return
    device, table = compare(arguments.device)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    write_section(
        f"Answers on the {arguments.device.upper()} and on the CPU, {backend}",
        table,
        f"Device: {device}. Largest differences; the answers are below 10 in size.",
    )


if __name__ == "__main__":
    main()

"""The worker of gpu.py that trains seqkit's network: it prints the device, then the seconds of each round."""

import json
import sys
import time

import numpy as np
from _devices import device_name

import seqkit as sk

size = json.loads(sys.argv[1])
BUILDERS = {"LSTM": sk.build_lstm, "GRU": sk.build_gru}


samples = size["batch"] * size["steps"]
random = np.random.default_rng(7)
x = random.normal(size=(samples, size["timesteps"], size["features"])).astype("float32")
y = random.normal(size=(samples, 1)).astype("float32")
model = BUILDERS[size["cell"]](size["units"], features=size["features"], timesteps=size["timesteps"], outputs=1)


def run() -> None:
    """One epoch is a round of steps."""
    model.fit(x, y, batch_size=size["batch"], shuffle=False, verbose=0)


run()
print(device_name(), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    run()
    print(time.perf_counter() - start, flush=True)

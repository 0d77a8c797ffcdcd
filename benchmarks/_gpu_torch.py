"""The worker of gpu.py that trains torch's network: it prints the device, then the seconds of each round."""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

size = json.loads(sys.argv[1])
CELLS = {"LSTM": nn.LSTM, "GRU": nn.GRU}
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Network(nn.Module):
    """One recurrent layer, and a dense layer on its last step."""

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        self.recurrent = CELLS[size["cell"]](size["features"], size["units"], batch_first=True)
        self.output = nn.Linear(size["units"], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`[B, T, F]` to `[B, 1]`."""
        steps, _ = self.recurrent(x)
        return self.output(steps[:, -1])


samples = size["batch"] * size["steps"]
random = np.random.default_rng(7)
x = torch.from_numpy(random.normal(size=(samples, size["timesteps"], size["features"])).astype("float32"))
y = torch.from_numpy(random.normal(size=(samples, 1)).astype("float32"))
network = Network().to(device)
optimizer = torch.optim.Adam(network.parameters())
loss_of = nn.MSELoss()


def run() -> None:
    """A round of steps; the batches are copied to the device one by one, as Keras does."""
    for batch_x, batch_y in zip(x.split(size["batch"]), y.split(size["batch"]), strict=True):
        optimizer.zero_grad()
        loss_of(network(batch_x.to(device)), batch_y.to(device)).backward()
        optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize()


run()
print(torch.cuda.get_device_name() if device.type == "cuda" else "cpu", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    run()
    print(time.perf_counter() - start, flush=True)

"""The worker of fit_beside.py that trains in PyTorch: _fit_torch.py JOB WAY DATA."""

import itertools
import sys
import time
from pathlib import Path

import numpy as np
import torch
from _fit_jobs import CLASSES, EMBEDDING, FILTERS, JOBS, TEXT_UNITS, WIDTHS, numbers_of, rows_of, texts_of
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.set_num_threads(1)
job, folder = JOBS[sys.argv[1]], Path(sys.argv[3])


class Windows(Dataset):
    """Windows of a table, cut when they are read."""

    def __init__(self) -> None:
        """Read the rows."""
        self.rows = torch.from_numpy(rows_of(job, folder))

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.rows) - job.timesteps - job.horizon + 1

    def __getitem__(self, start: int) -> tuple[torch.Tensor, torch.Tensor]:
        """One window and what follows it."""
        split = start + job.timesteps
        return self.rows[start:split], self.rows[split : split + job.horizon]


class Forecaster(nn.Module):
    """Scale each window, join timesteps to segments, GRU, and back; around the last value."""

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        self.recurrent = nn.GRU(job.features * job.segment, 32, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(32, job.horizon * job.features)

    def forward(self, past: torch.Tensor) -> torch.Tensor:
        """`[B, T, F]` to `[B, H, F]`."""
        level, spread = past.mean(1, keepdim=True), past.std(1, keepdim=True) + 1e-4
        scaled = (past - level) / spread
        steps, _ = self.recurrent(scaled.reshape(len(past), -1, job.features * job.segment))
        change = self.head(self.dropout(steps[:, -1])).reshape(-1, job.horizon, job.features)
        return (scaled[:, -1:] + change) * spread + level


class Stack(nn.Module):
    """The articles' stack."""

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        sizes = (job.features, 128, 128, 64)
        layers = [nn.LSTM(*pair, batch_first=True) for pair in itertools.pairwise(sizes)]
        self.recurrent = nn.ModuleList(layers)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(64, job.horizon)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        """`[B, T, 1]` to `[B, H, 1]`."""
        for depth, layer in enumerate(self.recurrent):
            steps, _ = layer(steps)
            steps = self.dropout(steps) if depth == 0 else steps
        return self.head(steps[:, -1])[..., None]


class Texts(nn.Module):
    """A bidirectional LSTM beside convolutions of phrases."""

    def __init__(self, words: int) -> None:
        """Make the layers."""
        super().__init__()
        self.vectors = nn.Embedding(words, EMBEDDING, padding_idx=0)
        self.recurrent = nn.LSTM(EMBEDDING, TEXT_UNITS, batch_first=True, bidirectional=True)
        self.phrases = nn.ModuleList(nn.Conv1d(EMBEDDING, FILTERS, width, padding="same") for width in WIDTHS)
        self.dropout = nn.Dropout(0.5)
        self.scores = nn.Linear(2 * TEXT_UNITS + FILTERS * len(WIDTHS), CLASSES)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """`[B, T]` to `[B, K]`."""
        vectors = self.vectors(numbers)
        lengths = (numbers > 0).sum(1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.recurrent(packed)
        channels = vectors.transpose(1, 2)
        phrases = [torch.relu(convolution(channels)).amax(2) for convolution in self.phrases]
        return self.scores(self.dropout(torch.cat([last[0], last[1], *phrases], 1)))


def padded(pairs: list) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch of texts, padded to its longest."""
    numbers, labels = zip(*pairs, strict=True)
    return nn.utils.rnn.pad_sequence(numbers, batch_first=True), torch.tensor(labels)


torch.manual_seed(7)
if job.timesteps:
    model = Stack() if job.is_stack else Forecaster()
    loss_of = nn.MSELoss() if job.is_stack else nn.L1Loss()
    loader = DataLoader(Windows(), job.batch, shuffle=True)
else:
    texts, labels = texts_of(job, folder)
    numbers, words = numbers_of(texts)
    model, loss_of = Texts(words), nn.CrossEntropyLoss()
    pairs = list(zip(map(torch.from_numpy, numbers), labels, strict=True))
    loader = DataLoader(pairs, job.batch, shuffle=True, collate_fn=padded)
optimizer = torch.optim.Adam(model.parameters())


def fit() -> None:
    """A turn."""
    for _ in range(job.epochs):
        losses = []
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        float(np.mean(losses))


start = time.perf_counter()
fit()
print(sum(weights.numel() for weights in model.parameters()), time.perf_counter() - start, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    fit()
    print(time.perf_counter() - start, flush=True)

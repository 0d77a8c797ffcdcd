"""16 clients for a minute on MLflow's server and on onnxruntime, and 40 bad requests.

python benchmarks/reliability/servers.py --mlflow PYTHON [--seconds 60] [--clients 16]

PYTHON is that of a virtual environment with mlflow and tensorflow. onnxruntime is asked in this process, by threads
that share one session, where the extra `onnx` is installed. Each client sends one request after the other, of one to
four samples, and compares the answer with the live model's. Of the bad requests the table says whose words reach the
client.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _bad_requests import bad_requests, refused_words
from _results import write_section

import seqkit as sk
from seqkit.export import RELATIVE_TOLERANCE, relative_difference

HERE = Path(__file__).resolve().parent
STARTS_WITHIN, POOL, MOST_SAMPLES = 300, 64, 4  # seconds; different requests; samples in one
NOTES = """"the live model" means that the words are those of the live model for the same values; "the graph": the
exported graph's own, where the live model is given other arrays or has no limit; "the model of MLflow":
`_mlflow_served.py`, before it asks the graph; "MLflow": its own, of what it cannot parse. MLflow puts texts into a
NumPy array of strings, which drops NUL at their end: these two are answered as if it were not there."""
ONNX_NOTES = """ A file of ONNX cannot refuse in words: where the graph would, every number of the answer is NaN."""
JSON, OK = {"Content-Type": "application/json"}, 200


class Served(NamedTuple):
    """A model and what it is asked."""

    model: Any
    input_name: str
    output_name: str
    requests: list[Any]  # arrays or lists of texts
    answers: list[np.ndarray]  # of the live model


def served_models() -> dict[str, Served]:
    """A forecaster that fills gaps and takes a log, and a classifier of texts, both trained for a moment."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    table = sk.load_example("air_passengers")
    forecaster = sk.build_forecaster(horizon=12, timesteps=36, like=table, fill="last", transform="log")
    forecaster.fit(table, epochs=3, verbose=0)
    rows = table.to_numpy("float32")
    windows = np.stack([rows[first : first + 36] for first in range(len(rows) - 36)])
    verses = sk.load_example("verses")
    classifier = sk.build_classifier(like=verses["text"], labels=verses["book"], units=16, embedding=16)
    classifier.fit(verses["text"], verses["book"], epochs=1, verbose=0)
    sizes = random.integers(1, MOST_SAMPLES, endpoint=True, size=POOL)
    asked = [windows[random.integers(len(windows), size=size)] for size in sizes]
    texts = [verses["text"].sample(size, random_state=place).tolist() for place, size in enumerate(sizes)]
    return {
        "forecaster": Served(
            forecaster, "past", "forecast", asked, [forecaster.predict(one, verbose=0) for one in asked]
        ),
        "classifier of texts": Served(
            classifier, "text", "probabilities", texts, [classifier.predict(one, verbose=0) for one in texts]
        ),
    }


class Tally:
    """What all clients saw."""

    def __init__(self) -> None:
        self.requests, self.errors, self.equal_bits, self.worst = 0, 0, 0, 0.0
        self.seconds: list[float] = []
        self._lock = threading.Lock()

    def add(self, seconds: float, answer: np.ndarray | None, wanted: np.ndarray) -> None:
        """Count one answer, None of an error."""
        with self._lock:
            self.requests += 1
            self.seconds.append(seconds)
            if answer is None or answer.shape != wanted.shape:
                self.errors += 1
                return
            self.equal_bits += bool((answer == wanted).all())
            self.worst = max(self.worst, relative_difference(answer, wanted))

    def row(self, wall: float) -> dict[str, Any]:
        """Counts and times as a row of the table."""
        return {
            "requests": self.requests,
            "a second": f"{self.requests / wall:.0f}",
            "median, ms": f"{1000 * np.median(self.seconds):.1f}",
            "errors": self.errors,
            "equal bit by bit": f"{self.equal_bits / max(self.requests, 1):.1%}",
            "largest difference": f"{self.worst:.1e}",
            f"beyond {RELATIVE_TOLERANCE:.0e}": "none" if self.worst <= RELATIVE_TOLERANCE else "some",
        }


def clients(count: int, seconds: float, served: Served, make_ask: Callable[[], Callable[[Any], Any]]) -> dict[str, Any]:
    """Ask for so long from so many threads; each makes its own `ask`, which returns an array, or None of an error."""
    tally, start = Tally(), time.perf_counter()

    def one_client(number: int) -> None:
        ask, random = make_ask(), np.random.default_rng(number)
        while time.perf_counter() - start < seconds:
            place, begun = int(random.integers(POOL)), time.perf_counter()
            answer = ask(served.requests[place])
            tally.add(time.perf_counter() - begun, answer, served.answers[place])

    threads = [threading.Thread(target=one_client, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally.row(time.perf_counter() - start)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def post(port: int, body: str, headers: dict[str, str] = JSON) -> tuple[int, str]:
    """Status and text of one request, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    with contextlib.closing(connection):
        connection.request("POST", "/invocations", body.encode(), headers)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")


@contextlib.contextmanager
def mlflow_server(python: str, saved_model: Path, folder: Path) -> Iterator[int]:
    """The port of MLflow's own server of a SavedModel."""
    commands = str(Path(python).parent)
    environment = {**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)  # no seqkit there
    save = [python, "-W", "ignore", str(HERE / "_mlflow_served.py"), str(saved_model), str(folder)]
    subprocess.run(save, check=True, env=environment)
    port = free_port()
    command = [f"{commands}/mlflow", "models", "serve", "-m", str(folder), "--env-manager", "local"]
    log_path = folder / "log"
    with log_path.open("w") as log:
        command += ["--port", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)
        try:
            _wait_for(port, server, log_path)
            yield port
        finally:
            _stop(server)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ping")
            if connection.getresponse().status == OK:
                return
        time.sleep(1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and the workers that it started, its own session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def asking_mlflow(port: int, served: Served) -> Callable[[Any], Any]:
    """A client with a connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(samples: Any) -> np.ndarray | None:
        body = json.dumps({"inputs": {served.input_name: np.asarray(samples).tolist()}})
        connection.request("POST", "/invocations", body.encode(), JSON)
        response = connection.getresponse()
        text = response.read()
        if response.status != OK:
            return None
        return np.array(json.loads(text)["predictions"][served.output_name], "float32")

    return ask


def onnx_session(served: Served, path: Path) -> Any:
    """The exported file in onnxruntime."""
    import onnxruntime

    served.model.export(path, format="onnx")
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def asking_onnx(session: Any, served: Served) -> Callable[[Any], Any]:
    """A client of a session."""
    return lambda samples: session.run([served.output_name], {served.input_name: samples})[0]


def onnx_refusals(session: Any, served: Served) -> list[dict[str, Any]]:
    """What onnxruntime makes of bad windows; a file of ONNX cannot refuse, so it answers NaN."""
    rows = []
    for request in bad_requests("forecaster"):
        if request.values is None:
            continue
        with np.errstate(over="ignore"):
            samples = request.values.astype("float32")
        try:
            answer = asking_onnx(session, served)(samples)
            came = ("none: NaN", "") if np.isnan(answer).all() else ("answered", "")
        except Exception as error:
            came = ("onnxruntime", _short(str(error)))
        row = {"model": "forecaster, onnxruntime", "request": request.said, "status": "-"}
        rows.append(row | dict(zip(("words of", "message"), came, strict=True)))
        print(rows[-1], flush=True)
    return rows


def refusals(port: int, name: str, served: Served, saved_model: Path) -> list[dict[str, Any]]:
    """What comes of the bad requests: the status, and whose words reach the client."""
    rows = []
    for request in bad_requests(name):
        status, text = post(port, request.body, request.headers)
        with contextlib.suppress(ValueError):
            text = json.loads(text).get("message", text)
        whose, words = refused_words(served.model, saved_model, request)
        is_ours = bool(words) and words in text
        whose = "answered" if status == OK else whose if is_ours else "MLflow"
        rows.append({"model": name, "request": request.said, "status": status, "words of": whose})
        rows[-1]["message"] = _short(text.rpartition("\nError: ")[2])
        print(rows[-1], flush=True)
    alive = asking_mlflow(port, served)(served.requests[0])
    assert alive is not None
    assert relative_difference(alive, served.answers[0]) <= RELATIVE_TOLERANCE
    return rows


def _short(text: str, most: int = 110) -> str:
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= most else text[: most - 3] + "..."


def _counts(table: pd.DataFrame) -> str:
    """How many of the requests to MLflow's server were refused, in whose words, with which status."""
    refused = table[table["words of"] != "answered"]
    told = ", ".join(f"{count} in the words of {whose}" for whose, count in refused["words of"].value_counts().items())
    codes = ", ".join(f"{count} with {status}" for status, count in refused["status"].value_counts().items())
    return f"MLflow's server: {len(table)} requests, {len(refused)} refused ({codes}): {told}.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlflow", metavar="PYTHON", required=True, help="the Python that has mlflow and tensorflow")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=16)
    arguments = parser.parse_args()
    rows, refused, has_onnx = {}, [], importlib.util.find_spec("onnxruntime") is not None
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, served) in enumerate(served_models().items()):
            saved_model = Path(scratch) / f"saved_{number}"
            served.model.export(saved_model)
            with mlflow_server(arguments.mlflow, saved_model, Path(scratch) / f"mlflow_{number}") as port:
                make_ask = lambda port=port, served=served: asking_mlflow(port, served)  # noqa: E731
                rows[f"MLflow, {name}"] = clients(arguments.clients, arguments.seconds, served, make_ask)
                print(rows, flush=True)
                refused += refusals(port, name, served, saved_model)
            if name == "forecaster" and has_onnx:
                session = onnx_session(served, Path(scratch) / "model.onnx")
                make_ask = lambda session=session, served=served: asking_onnx(session, served)  # noqa: E731
                rows[f"onnxruntime, {name}"] = clients(arguments.clients, arguments.seconds, served, make_ask)
                refused += onnx_refusals(session, served)
    how = f"{arguments.clients} clients for {arguments.seconds:.0f} s on a machine that other work shared."
    write_section("Servers", pd.DataFrame(rows).T.rename_axis("server"), how)
    table = pd.DataFrame(refused).set_index("model")
    write_section(
        "Bad requests to a server", table, _counts(table[table["status"] != "-"]) + NOTES + ONNX_NOTES * has_onnx
    )


if __name__ == "__main__":
    main()

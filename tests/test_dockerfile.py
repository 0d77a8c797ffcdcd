"""The Dockerfile: its health check, run by bash against a server that answers as TensorFlow Serving does."""

import json
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
PORT = "8501"  # of REST in the image

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the check is a line of bash")


def version(state, code="OK"):
    return {"model_version_status": [{"version": "1", "state": state, "status": {"error_code": code}}]}


ANSWERS = {
    "/v1/models/ready": (200, version("AVAILABLE")),
    "/v1/models/loading": (200, version("LOADING")),
    "/v1/models/gone": (200, version("END", "UNAVAILABLE")),
}


class Serving(BaseHTTPRequestHandler):
    """The status of a model, in the JSON that TensorFlow Serving writes."""

    def do_GET(self):
        code, answer = ANSWERS.get(self.path, (404, {"error": "Could not find any versions of model"}))
        body = json.dumps(answer, indent=1).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def port():
    with HTTPServer(("127.0.0.1", 0), Serving) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def check_of(name, port):
    """The exit code of the health check for a model of this name."""
    (words,) = re.findall(r"^HEALTHCHECK .*? CMD (\[.*\])$", LINES, re.MULTILINE)
    command = json.loads(words)
    assert f"/dev/tcp/127.0.0.1/{PORT} " in command[-1]
    command[-1] = command[-1].replace(PORT, str(port))
    environment = {"MODEL_NAME": name, "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True, timeout=60).returncode


def test_a_server_with_a_model_that_is_available_is_healthy(port):
    assert check_of("ready", port) == 0


@pytest.mark.parametrize("name", ["loading", "gone", "of another name"])
def test_a_server_without_such_a_model_is_not_healthy(name, port):
    assert check_of(name, port) != 0


def test_no_server_is_not_healthy():
    assert check_of("ready", 1) != 0


def test_the_model_that_make_forecast_exports_is_the_one_that_is_served():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (folder,) = re.findall(r"^ARG MODEL=(\S+)$", LINES, re.MULTILINE)
    (stem,) = re.findall(r"^FORECAST := (\S+)$", makefile, re.MULTILINE)
    assert folder == f"{stem}_model"
    assert "--export $(FORECAST)_model" in makefile

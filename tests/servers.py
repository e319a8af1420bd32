"""Real servers for tests: the app under granian in processes of its own, on a database that the test prepared.

Its settings travel as JSON in one variable, so that they may hold what only tests set.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil
from flask import Flask

from buurtbegroot.app import create_app
from buurtbegroot.gateway import Gateway, Pace
from buurtbegroot.serving import GATEWAY
from tests.templates import keep_compiled

STOP_SECONDS = 60  # of a busy machine too
START_SECONDS = 120  # of a busy machine; nobody waits longer than a start takes
WSGI = ("--interface", "wsgi", "--factory", "--no-ws", "--blocking-threads", "4")


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and its parent process."""

    host: str
    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        """The address to put paths behind."""
        return f"http://{self.host}:{self.port}"


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def under_test() -> Gateway:
    """Return what a worker serves; `PACE` among the settings says how slowly requests may come in."""
    keep_compiled()
    settings = json.loads(os.environ["TEST_SETTINGS"])
    pace = Pace(**settings.pop("PACE", {}))
    return Gateway(create_app(settings), pace=pace, make_app=bare_under_test)


def bare_under_test() -> Flask:
    """Return the app without its gateway, as another server would serve it."""
    keep_compiled()
    settings = json.loads(os.environ["TEST_SETTINGS"])
    return create_app({name: each for name, each in settings.items() if name != "PACE"})


@contextmanager
def serving(
    settings: Mapping[str, Any],
    *,
    workers: int = 1,
    target: str = "tests.servers:under_test",
    kind: Sequence[str] = GATEWAY,
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """Serve what a factory makes with these settings until the block ends; `options` go to granian."""
    port = free_port()
    command = [sys.executable, "-m", "granian", *kind, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), *options, target]
    environment = {**os.environ, "TEST_SETTINGS": json.dumps(dict(settings))}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/", process)
        yield Server("127.0.0.1", port, psutil.Process(process.pid))
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    family: list[psutil.Process] = (
        psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    )
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait(timeout=10)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)

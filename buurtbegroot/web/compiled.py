"""Templates are compiled once for all workers of a site when it names a folder for that (TEMPLATE_CACHE)."""

from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder; a full disk keeps none, and stops no page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write one down, if the disk takes it."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Keep compiled templates where the settings say."""
    if app.config["TEMPLATE_CACHE"]:
        folder = Path(app.config["TEMPLATE_CACHE"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))

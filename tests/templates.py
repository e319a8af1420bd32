"""Compiled templates, kept for all apps of all processes of one run: compiling takes longer than most pages."""

import os
import tempfile

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests.conftest import SHARED

_folder = tempfile.TemporaryDirectory()  # of this process alone, unless it is part of a run


def keep_compiled() -> None:
    """Let every app that is made from now on take what was compiled before from there."""
    place = os.environ.get(SHARED) or _folder.name
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(place)}

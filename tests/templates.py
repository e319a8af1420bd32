"""Compiled templates, kept for all apps of all processes of one run: compiling takes longer than most pages."""

import os

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests.shared import SHARED


def keep_compiled() -> None:
    """Let every app that is made from now on take what was compiled before from there."""
    if SHARED in os.environ:
        Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(os.environ[SHARED])}

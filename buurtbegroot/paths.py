"""Where the files beside the code are, in a checkout and in an installed wheel alike; nothing is opened here."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
HOME = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent

TEMPLATES = HOME / "templates"
TRANSLATIONS = HOME / "translations"
MIGRATIONS = HOME / "migrations"
CONFIG = HOME / "config.py"
STATIC = PACKAGE / "static"

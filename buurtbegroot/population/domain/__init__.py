"""People of areas and reading files of them; no database."""

"""Rows as files; which rows is decided elsewhere."""

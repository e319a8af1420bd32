"""Outlines, names and files of areas; nothing is stored."""

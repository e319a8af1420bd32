"""Makers of rows for tests, one module per room; what must be chosen is an argument, the rest has a default."""

from buurtbegroot.acts import System

PROGRAM = System("test")
"""Who acts where the program itself does."""

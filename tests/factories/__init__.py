"""Makers of rows for tests, one module per room; what must be chosen is an argument, the rest has a default."""

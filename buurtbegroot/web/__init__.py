"""Shared web plumbing that knows no capability."""

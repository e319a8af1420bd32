"""Versions of a plan beside each other: what changed, in words that people read."""

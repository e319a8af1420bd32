"""Checking a vote at home from its published bundle: standard library only, without network, database or settings."""

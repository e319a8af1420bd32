"""Closing, opening the envelopes, counting and certifying; explaining the outcome lives in results."""

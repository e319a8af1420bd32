"""The registry of codes, the booth, casting and receipts; opening the envelopes lives in tally."""

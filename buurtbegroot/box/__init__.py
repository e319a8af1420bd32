"""The ballot box: sealed ballots, receipts and keys, and the public log of leaves; who may vote is not known here."""

"""The rules, ballots, counts and proofs of a round as pure functions: no I/O, clock, logging, SQL or web."""

"""What a voter sees, from code to receipt, and the opening of a vote; opening the envelopes lives in tally."""

"""The rules of a round: how one chooses and counts, in fields, words and a try-out; counting itself is in core."""

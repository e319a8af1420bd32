"""The open vote of the ballot box, for those who vote in it."""

from tests.box.conftest import own_app, own_vote, plans, round_, vote

__all__ = ["own_app", "own_vote", "plans", "round_", "vote"]

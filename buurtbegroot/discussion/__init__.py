"""Talking about plans and rounds: contributions with a stance, answers, and what makers did with them."""

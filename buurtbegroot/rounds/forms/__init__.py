"""The forms of the set-up but that of the rules."""

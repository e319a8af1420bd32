"""A round: its buurten, pots, phases with dates, rules and eligibility; what residents do in it lives in later rooms."""

"""A round: its buurten, pots, dates, rules and eligibility; what residents do in it lives in later rooms."""

"""Mail to the makers of plans about what becomes of these: on the ballot, the outcome, or that nothing comes of it."""

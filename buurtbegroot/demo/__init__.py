"""A city to look around in: real plans, votes and rules, made-up people; nothing here runs in production."""

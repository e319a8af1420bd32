"""What the log computes without database: its keys, what it signed, and how others watch it."""

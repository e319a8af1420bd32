"""What rules would give on a vote that was counted before; pure."""

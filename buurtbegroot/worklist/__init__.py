"""What waits for organisers, whatever the room: shown on top of their workplace, and told once by mail."""

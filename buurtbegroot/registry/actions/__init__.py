"""What is done with the codes of a vote."""

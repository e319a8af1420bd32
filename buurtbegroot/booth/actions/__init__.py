"""What is done in the booth: opening the vote, and casting."""

"""What is done with a ballot box."""

"""Who may vote: codes, letters, voids and the account pool, each code known by its commitment alone."""

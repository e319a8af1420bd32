"""What a box is made of without its database: the secret keys of a round and the manifest of its vote."""

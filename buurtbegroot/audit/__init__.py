"""The public, append-only log of every event of every room, and its verification."""

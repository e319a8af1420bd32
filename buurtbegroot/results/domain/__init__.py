"""A certified outcome as pages tell it, read from its trace; nothing is counted."""

"""How many people live where, as files say that staff load."""

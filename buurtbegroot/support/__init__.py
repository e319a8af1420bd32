"""Support for plans: advice with a stated meaning, given once per account; never a vote."""

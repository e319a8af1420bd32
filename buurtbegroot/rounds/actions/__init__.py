"""Setting a round up, and the steps in its life."""

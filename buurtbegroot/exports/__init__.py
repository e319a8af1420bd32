"""Long files that staff ask for: made by the worker, with progress, and kept for a week to be fetched."""

"""A plan as it is typed, and its text as HTML; no database."""

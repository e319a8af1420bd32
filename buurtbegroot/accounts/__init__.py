"""People: sign-in by e-mailed link, roles scoped to an area, second factor."""

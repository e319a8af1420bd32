"""Downloads of a round for machines and spreadsheets."""

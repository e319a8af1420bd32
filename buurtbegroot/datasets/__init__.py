"""All that is public, as tables: one description per data set, from which its files and its page come."""

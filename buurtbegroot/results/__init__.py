"""The outcome explained to people: words, charts and their table twins."""

"""Keeping it decent: words and pictures of any room that a moderator hides, and shows again."""

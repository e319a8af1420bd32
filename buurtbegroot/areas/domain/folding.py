"""Folding of names for searching, so that `Ĳburg` and `ijburg` meet; which names there are is known elsewhere."""

import unicodedata


def fold(text: str) -> str:
    """Return the text without accents, in lower case and with single spaces: what is compared when searching."""
    bare = unicodedata.normalize("NFKD", text.replace("\x00", " "))  # PostgreSQL refuses NUL in any text
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(letters.casefold().split())

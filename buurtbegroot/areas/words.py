"""Folding of names for searching, so that `Ĳburg` and `ijburg` meet; which names there are is no concern of this file."""

import unicodedata


def fold(text: str) -> str:
    """Return the text without accents, in lower case and with single spaces: what is compared when searching."""
    bare = unicodedata.normalize("NFKD", text)
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(letters.casefold().split())

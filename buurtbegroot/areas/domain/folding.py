"""Folding of texts for searching, so that `Ĳburg` and `ijburg` meet; which names there are is known elsewhere."""

import unicodedata

from buurtbegroot.typed import one_line


def fold(text: str) -> str:
    """Return only letters and figures, without accents, in lower case, in words: what is compared when searching."""
    bare = unicodedata.normalize("NFKD", one_line(text)).casefold()
    letters = (sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign))
    return " ".join("".join(letters).split())

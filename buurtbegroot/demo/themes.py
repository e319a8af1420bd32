"""The themes of real votes as the sample rounds use them: one spelling each, and one for plans that named several."""

SEVERAL = (
    "Ontmoeting en verbinding",
    "Duurzaamheid en groen",
    "Gezonde leefstijl",
    "Kunst cultuur en creativiteit",
    "Eenzaamheid tegengaan",
)


def theme_of(given: str | None) -> str:
    """Return the theme under which a plan stands in the demo; empty when the vote had none."""
    if not given:
        return ""
    first = min((name for name in SEVERAL if name in given), key=given.index, default=given)
    return first[:1].upper() + first[1:].lower()

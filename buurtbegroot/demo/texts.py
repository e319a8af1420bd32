"""Made-up words around real plans: a drawing, a summary and a story for each title."""

from dataclasses import dataclass
from typing import NamedTuple

MADE_UP = "Deze tekst is een voorbeeld. Alleen de naam en de kosten van het plan zijn echt."


@dataclass(frozen=True)
class Flavour:
    """What a title suggests: the words that point to it, the drawing, a summary and what the money is for."""

    words: tuple[str, ...]
    scene: str
    summary: str
    parts: tuple[tuple[str, int], ...]  # what, and its share of the money in percent


FLAVOURS = (
    Flavour(
        ("vogel", "nestkast", "zwaluw", "bij", "vlinder", "biodivers"),
        "vogel",
        "Meer plek voor dieren in de buurt, met kasten en planten waar zij van leven.",
        (("Nestkasten en materiaal", 55), ("Ophangen en planten", 30), ("Rondleiding voor buren", 15)),
    ),
    Flavour(
        ("groen", "tuin", "plant", "boom", "tegel", "bloem", "moes", "regenton", "park", "gevel", "natuur", "dak"),
        "groen",
        "Stenen maken plaats voor planten. Dat is koeler in de zomer en mooier het hele jaar.",
        (("Planten en aarde", 45), ("Werk en gereedschap", 35), ("Onderhoud in het eerste jaar", 20)),
    ),
    Flavour(
        ("water", "zwem", "varen", "boot", "houthavens", "strand", "gracht"),
        "water",
        "Het water in de buurt wordt een fijne plek voor iedereen, jong en oud.",
        (("Materiaal", 60), ("Aanleg en vergunning", 30), ("Opening met de buurt", 10)),
    ),
    Flavour(
        ("eten", "kook", "koken", "voedsel", "bbq", "food", "taart", "schaft", "gerecht", "koffie", "diner", "fruit"),
        "eten",
        "Buren koken en eten samen. Wie alleen woont, schuift aan.",
        (("Boodschappen", 50), ("Huur van zaal en keuken", 35), ("Uitnodigingen", 15)),
    ),
    Flavour(
        ("kunst", "muur", "film", "muziek", "theater", "concert", "verhaal", "verhalen", "poëzie", "art", "opera"),
        "kunst",
        "Een kunstenaar en buren maken samen iets dat in de buurt te zien of te horen is.",
        (("Kunstenaar en begeleiding", 55), ("Materiaal", 30), ("Opening en uitnodigingen", 15)),
    ),
    Flavour(
        ("speel", "jeugd", "kind", "jong", "tiener", "sport", "hinkel", "wip", "fietsjes", "bootcamp", "workout"),
        "kind",
        "Kinderen en jongeren krijgen een plek om te spelen, te sporten en elkaar te ontmoeten.",
        (("Toestellen en materiaal", 60), ("Begeleiding", 25), ("Controle op veiligheid", 15)),
    ),
    Flavour(
        ("afval", "schoon", "plastic", "container", "zwerf", "rotzooi", "recycle", "waste", "compost", "bankjes"),
        "schoon",
        "De straat wordt schoner en blijft schoon, omdat buren er samen voor zorgen.",
        (("Materiaal", 50), ("Werk in de straat", 35), ("Uitleg aan buren", 15)),
    ),
    Flavour(
        (),
        "zorg",
        "Buren die elkaar nog niet kennen, doen samen iets en helpen elkaar daarna ook.",
        (("Begeleiding", 50), ("Huur en materiaal", 35), ("Uitnodigingen", 15)),
    ),
)


def flavour_of(title: str) -> Flavour:
    """Return the first flavour whose words stand in the title; the last one fits every title."""
    folded = title.lower()
    return next((each for each in FLAVOURS if any(word in folded for word in each.words)), FLAVOURS[-1])


def story_of(title: str, *, buurt: str) -> str:
    """Return the body of a sample plan, in the subset of Markdown that plans may use."""
    flavour = flavour_of(title)
    return "\n\n".join(
        [
            f"*{MADE_UP}*",
            "## Wat gaan we doen?",
            f"{flavour.summary} Wij beginnen in {buurt} en vragen de buren om mee te doen.",
            "## Waarom is dit nodig?",
            "- Buren noemen dit al jaren als wens.\n- Er is nu geen geld voor.\n- Iedereen mag meedoen.",
            "## Wie doet wat?",
            "De bewoners regelen het werk. De gemeente helpt met de vergunning en het beheer.",
        ]
    )


def lines_of(title: str, cents: int) -> list[tuple[str, int]]:
    """Return cost lines in cents that add up to the real cost of the plan exactly."""
    parts = flavour_of(title).parts
    amounts = [cents * share // 100 for _, share in parts]
    amounts[0] += cents - sum(amounts)
    return [(what, amount) for (what, _), amount in zip(parts, amounts, strict=True) if amount]


BY_A_FIRM = "Een bedrijf regelt al het werk. De gemeente helpt met de vergunning en het beheer."


class Version(NamedTuple):
    """A sample plan as it was at one moment: its story, and its costs in cents by what they are for."""

    story: str
    lines: list[tuple[str, int]]


def versions_of(title: str, cents: int, *, buurt: str, least: int = 0) -> list[Version]:
    """Return two to four versions of a sample plan as its makers improved it; the last one has the real cost.

    No version costs more than that, or less than `least` cents.
    """
    story, lines = story_of(title, buurt=buurt), lines_of(title, cents)
    first = story.replace("De bewoners regelen het werk. De gemeente helpt met de vergunning en het beheer.", BY_A_FIRM)
    saved = cents // 20 if cents - cents // 20 >= least else 0
    cheaper = [(lines[0][0], lines[0][1] - saved), *lines[1:]]
    leaflets = [*lines[:-1], ("Flyers drukken", lines[-1][1])]
    earlier = (
        Version(first.replace("\n- Iedereen mag meedoen.", ""), leaflets),
        Version(first, lines),
        Version(first, cheaper),
    )
    return [*earlier[2 - len(title) % 3 :], Version(story, lines)]

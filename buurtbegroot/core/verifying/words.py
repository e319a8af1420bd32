"""What verify.py says, in Dutch and in English."""

from collections.abc import Mapping
from typing import NamedTuple


class Both(NamedTuple):
    """One text in Dutch and in English."""

    nl: str
    en: str


CHECKS: Mapping[str, Both] = {
    "V1": Both(
        "Handtekeningen, sleutel en bewijzen zijn van deze stemming", "Signatures, key and receipts are of this vote"
    ),
    "V2": Both("Regels, plannen en codes zijn die van het openen", "Rules, plans and codes are those of the opening"),
    "V3": Both("De bestanden zijn die van het sluiten", "The files are those of the closing"),
    "V4": Both("Elke code bestond en telt hoogstens één keer", "Each code was registered and counts once at most"),
    "V5": Both("Elke stem past bij precies één regel in de lijst", "Each ballot gives exactly one line of the list"),
    "V6": Both("Er is geen stem bij gekomen of weg", "No ballot was added or is gone"),
    "V7": Both("Er zijn net zoveel stemmen als gebruikte codes", "There are as many ballots as codes used"),
    "V8": Both("Elke stem houdt zich aan de regels", "Each ballot keeps to the rules"),
    "V9": Both("Opnieuw tellen geeft dezelfde uitslag", "Counting again gives the same result"),
    "V10": Both("Het logboek is heel", "The log is whole"),
    "V11": Both("De zegels van elke nacht kloppen", "The seals of every night hold"),
}

FAULTS: Mapping[str, Both] = {
    "unreadable": Both("niet te lezen", "cannot be read"),
    "other_manifest": Both("hoort bij andere regels en plannen", "belongs to other rules and plans"),
    "other_key": Both("de sleutel die u opgaf is een andere dan", "the key that you gave differs from"),
    "no_receipt": Both("dit is geen ontvangstbewijs", "this is no receipt"),
    "receipt_of_another_vote": Both("dit bewijs is van een andere stemming", "this receipt is of another vote"),
    "receipt_not_signed": Both("dit bewijs is niet van de stembus", "this receipt is not of the ballot box"),
    "receipt_lost": Both(
        "de stem van dit bewijs is weg: bewaar het en meld het",
        "the ballot of this receipt is gone: keep it and tell us",
    ),
    "receipt_of_lost_time": Both(
        "de stem van dit bewijs ging verloren toen de stembus werd teruggezet: bewaar het en meld het",
        "the ballot of this receipt was lost when the vote was restored: keep it and tell us",
    ),
    "registry_not_sorted": Both(
        "niet op volgorde, of iets staat er twee keer in", "not in order, or something is there twice"
    ),
    "other_registry": Both("andere codes dan het manifest noemt", "other codes than the manifest names"),
    "opened_otherwise": Both("het openen staat anders in het logboek", "the log tells of another opening"),
    "opening_not_signed": Both("het openen is niet ondertekend", "the opening was not signed"),
    "other_closing": Both("anders dan de sluiting die u bewaarde", "differs from the closing that you saved"),
    "counting_not_signed": Both("het tellen is niet ondertekend, regel", "the count was not signed, entry"),
    "other_texts": Both("andere tekst dan bij het openen, plan", "other text than at the opening, plan"),
    "withdrawn_twice": Both("twee keer ingetrokken, plan", "withdrawn twice, plan"),
    "withdrawn_erased": Both("welk plan is ingetrokken, is gewist", "which plan was withdrawn, was erased"),
    "withdrawn_not_on_ballot": Both(
        "ingetrokken, maar stond niet op het stembiljet, plan", "withdrawn, but was not on the ballot, plan"
    ),
    "withdrawn_late": Both("ingetrokken na het sluiten, regel", "withdrawn after the closing, entry"),
    "other_list": Both("anders dan bij het sluiten", "differs from the closing"),
    "closing_not_in_log": Both("staat niet in het logboek", "is not in the log"),
    "nullifier_twice": Both("een code telt twee keer", "a code counts twice"),
    "not_registered": Both("een code die niet bestond", "a code that was not registered"),
    "void_code_counted": Both("een ongeldige code telt mee", "a void code counts"),
    "void_not_registered": Both("een ongeldige code die niet bestond", "a void code that was not registered"),
    "void_unsaid": Both(
        "ongeldig gemaakt zonder regel in het logboek, of andersom",
        "made void without a line in the log, or the reverse",
    ),
    "void_beyond_waiting": Both(
        "meer codes van de pool ongeldig dan niemand ophaalde", "more codes of the pool void than nobody drew"
    ),
    "other_number_drawn": Both(
        "het aantal opgehaalde codes staat er twee keer anders", "the number of drawn codes is told in two ways"
    ),
    "spares_beyond_voids": Both("meer reservecodes gebruikt dan gegeven", "more spare codes used than given"),
    "pool_beyond_drawn": Both("meer opgehaalde codes gebruikt dan gegeven", "more drawn codes used than given"),
    "leaf_not_listed": Both(
        "een stem staat niet in de lijst, of is veranderd", "a ballot is not on the list, or was changed"
    ),
    "tracker_twice": Both("twee stemmen met één naam", "two ballots with one name"),
    "leaf_unaccounted": Both("een stem staat nergens, of op twee plaatsen", "a ballot is nowhere, or in two places"),
    "envelopes_unaccounted": Both("het aantal enveloppen klopt niet", "the number of envelopes is wrong"),
    "other_number_closed": Both("bij het sluiten lag er een ander aantal", "another number lay there at the closing"),
    "ballots_beyond_codes": Both("verschil tussen stemmen en codes", "difference between ballots and codes"),
    "not_legal": Both("een stem die niet mag", "a ballot that is not allowed"),
    "other_lot": Both("de loting is niet die van voor het stemmen", "the lot is not that of before the vote"),
    "other_result": Both("de uitslag is anders dan de telling", "the result differs from the count"),
    "other_votes_file": Both("anders dan de telling", "differs from the count"),
    "seals_otherwise": Both("anders dan het logboek zegt", "not as the log says"),
    "seal_broken": Both("een zegel klopt niet, nacht", "a seal does not hold, night"),
    "wrong_seq": Both("een regel met een verkeerd nummer", "an entry with a wrong number"),
    "broken_link": Both("een regel die niet bij de vorige past", "an entry that does not follow the one before"),
    "wrong_hash": Both("een veranderde regel", "a changed entry"),
    "wrong_payload": Both("veranderde bijzonderheden van regel", "changed details of entry"),
    "wrong_checkpoint": Both("een getekende stand die niet klopt, bij regel", "a signed size that is wrong, at entry"),
    "wrong_mark": Both("een merk dat niet klopt, bij regel", "a mark that is wrong, at entry"),
    "wrong_points": Both("andere punten van het akkoord bij regel", "other points of the accord at entry"),
    "erased_unsaid": Both("gewist zonder het te zeggen", "erased without saying so"),
    "truncated": Both("het einde is weg; er waren regels tot", "the end is gone; there were entries up to"),
    "rewritten": Both("herschreven voor regel", "rewritten before entry"),
}

FATES: Mapping[str, Both] = {
    "counted": Both("geteld, met de plannen {choices}", "counted, with the plans {choices}"),
    "superseded": Both(
        "niet geteld: later vervangen, of de code werd ongeldig",
        "not counted: replaced later, or its code was made void",
    ),
    "refused": Both("niet geteld: geweigerd, zie refused.txt", "not counted: refused, see refused.txt"),
}

ANCHORS: Mapping[str, Both] = {
    "key": Both("de sleutel die u opgaf", "the key that you gave"),
    "receipt": Both("uw ontvangstbewijs", "your receipt"),
    "saved": Both("wat u eerder bewaarde", "what you saved before"),
}

USAGE = Both(
    "Gebruik: python3 verify.py BUNDEL.zip [--key SLEUTEL] [--receipt BESTAND ...] [--saved BESTAND ...]\n"
    "                                       [--plans PLANS.json] [--en]\n"
    "\n"
    "  --key      de sleutel uit een brief met een stemcode, zoals 7K3M-9QX2-…\n"
    "  --receipt  uw ontvangstbewijs\n"
    "  --saved    een ondertekende stand van logboek of sluiting die u eerder bewaarde\n"
    "  --plans    de teksten van de plannen, zoals ze nu op de site staan\n"
    "  --en       English\n"
    "\n"
    "Sluit af met 0: klopt, 1: klopt niet, 2: niet te lezen.",
    "Usage: python3 verify.py --en BUNDLE.zip [--key KEY] [--receipt FILE ...] [--saved FILE ...]\n"
    "                                            [--plans PLANS.json]\n"
    "\n"
    "  --key      the key on your letter, such as 7K3M-9QX2-…\n"
    "  --receipt  your receipt\n"
    "  --saved    a signed size of the log, or closing note, that you saved before\n"
    "  --plans    the texts of the plans, as they are on the site now\n"
    "\n"
    "Exits with 0: holds, 1: does not hold, 2: cannot be read.",
)

HOLDS = Both("klopt", "holds")
HOLDS_ALONE = Both("klopt met zichzelf", "holds in itself")
FAILS = Both("klopt niet", "does not hold")
MORE = Both("en nog {number} keer", "and {number} times more")
FILE = Both("Bestand: {name}, SHA-256 {sha256}", "File: {name}, SHA-256 {sha256}")
ROUND = Both("Ronde: {slug}. Geteld: {ballots} stemmen.", "Round: {slug}. Counted: {ballots} ballots.")
WON = Both(
    "Opnieuw geteld. Plannen die geld krijgen: {plans}, samen {amount}.",
    "Counted again. Plans that get money: {plans}, {amount} together.",
)
FATE = Both("Ontvangstbewijs {code}: {fate}.", "Receipt {code}: {fate}.")
ANCHORED = Both("Vergeleken met: {anchors}.", "Held against: {anchors}.")
COSIGNED = Both("Getuigen die meetekenden: {number} van {all}.", "Witnesses who signed along: {number} of {all}.")
TEXTS = Both(
    "Teksten vergeleken: {number} van {all} plannen; de stemming klopt ook zonder.",
    "Texts compared: {number} of {all} plans; the vote holds without them.",
)
WITHDRAWN = Both(
    "Ingetrokken van het open stembiljet: plan {plans}. Stemmen daarop kopen niets.",
    "Withdrawn from the open ballot: plan {plans}. Votes for it buy nothing.",
)
GONE = Both(
    "LET OP: {number} verzegelde enveloppen waren bij het sluiten weg. Wie ze mist, heeft een ontvangstbewijs.",
    "NOTE: {number} sealed envelopes were gone at the closing. Who misses one has a receipt.",
)
UNSEALED = Both(
    "LET OP: {number} nachten zonder zegel. Wat er voor zo'n nacht verdween, ziet alleen wie zijn bewijs bewaarde.",
    "NOTE: {number} nights without a seal. What went before such a night, only who kept the receipt can see.",
)
RESTORED = Both(
    "LET OP: de stembus is teruggezet uit een reservekopie ({epoch}). Stemmen van {since} tot {until} kunnen missen.",
    "NOTE: the vote was restored from a backup ({epoch}). Ballots of {since} to {until} may be missing.",
)
NONE_GONE = Both("Verzegelde enveloppen die weg zijn: 0.", "Sealed envelopes that are gone: 0.")
ALL_HOLD = Both("ALLES KLOPT.", "EVERYTHING HOLDS.")
ALONE = Both(
    "KLOPT MET ZICHZELF; vergelijk sleutel {key} met uw brief.",
    "HOLDS IN ITSELF; compare key {key} with your letter.",
)
SOME_FAIL = Both(
    "HET KLOPT NIET. Haal het bestand opnieuw op. Blijft het zo? Bewaar het en meld het.",
    "IT DOES NOT HOLD. Fetch the file again. Still so? Keep it and tell us.",
)
NO_FILE = Both("Kan {name} niet lezen: {why}", "Cannot read {name}: {why}")
NO_BUNDLE = Both("{name} is geen bundel van een stemming: {why}", "{name} is no bundle of a vote: {why}")
TOO_LARGE = Both("het bestand is te groot", "the file is too large")
TOO_LONG = Both(
    "Gestopt na {minutes} minuten: dit duurt te lang.", "Stopped after {minutes} minutes: this takes too long."
)

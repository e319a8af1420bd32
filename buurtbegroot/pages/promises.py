"""What is protected of a vote, each promise with the tests that hold it, and what is not; without words for experts."""

from typing import NamedTuple

from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l


class VotePromise(NamedTuple):
    """A promise to voters, where they can check it (endpoint and words; "" leads to its tests), and its tests."""

    title: Text
    text: Text
    endpoint: str
    link: Text
    tests: tuple[str, ...]


class Limit(NamedTuple):
    """What cannot be protected, with the tests of what is promised beside it all the same."""

    title: Text
    text: Text
    tests: tuple[str, ...] = ()


_SEE_TEST, _COUNT = _l("Bekijk de proef"), _l("Kies een ronde en controleer de telling")

PROMISES = (
    VotePromise(
        _l("Wie u bent"),
        _l("Nergens op de server staat wie welke code kreeg, hoe laat u stemde of welke stem van u is."),
        "pages.privacy",
        _l("Lees wat wij bewaren"),
        (
            "tests/booth/test_secrecy.py::test_nothing_that_leads_to_a_voter_is_kept",
            "tests/security/test_secrecy.py::test_tables_of_the_vote_hold_no_moment_no_person_and_no_number_of_their_own",
        ),
    ),
    VotePromise(
        _l("Wat u koos"),
        _l(
            "Uw stem ligt in een envelop. De sleutel ligt buiten de database. Wie de database steelt, kan geen stem"
            " lezen."
        ),
        "",
        _SEE_TEST,
        ("tests/security/test_secrecy.py::test_a_stored_ballot_cannot_be_read_without_the_key",),
    ),
    VotePromise(
        _l("Geen tussenstand"),
        _l(
            "Voordat de stembus dicht is, zegt geen pagina hoeveel stemmen er zijn, en geen tabel hoeveel een plan er"
            " heeft. Wie de database beheert, kan wel de enveloppen tellen."
        ),
        "",
        _SEE_TEST,
        (
            "tests/security/test_secrecy.py::test_while_people_vote_no_page_says_how_many",
            "tests/security/test_secrecy.py::test_no_table_counts_votes_before_the_count",
        ),
    ),
    VotePromise(
        _l("Eén stem per code"),
        _l("Elke code telt hoogstens één keer. Stemt u vaker, dan telt uw laatste stem."),
        "results.index",
        _COUNT,
        (
            "tests/core/test_opening.py::test_the_last_ballot_of_each_code_counts",
            "tests/races/test_casting.py::test_many_clients_with_few_codes",
        ),
    ),
    VotePromise(
        _l("Geen stem erbij, geen stem weg"),
        _l("Een stem zonder code telt niet. Een envelop die na de nacht verdwijnt, valt na de telling op."),
        "results.index",
        _COUNT,
        (
            "tests/tally/test_actions.py::test_forged_copied_and_exchanged_envelopes_change_nothing_but_what_they_took",
            "tests/tally/test_actions.py::test_an_envelope_that_goes_after_a_night_shows_and_one_that_goes_the_same_day_"
            "only_to_its_receipt",
        ),
    ),
    VotePromise(
        _l("Eerlijk tellen"),
        _l("De regels liggen vast voor het stemmen begint. Iedereen kan narekenen, ook zonder ons."),
        "results.index",
        _COUNT,
        (
            "tests/security/test_freezing.py::test_manifest_and_registry_are_fixed_once_opened",
            "tests/tally/test_bundle.py::test_what_is_published_verifies_at_home",
        ),
    ),
    VotePromise(
        _l("Uw eigen stem nakijken"),
        _l("Met uw ontvangstbewijs ziet u dat uw stem is geteld zoals u hem stuurde."),
        "results.index",
        _l("Kies een ronde en controleer uw bewijs"),
        (
            "tests/core/test_checks.py::test_it_says_what_became_of_the_ballot_of_a_receipt",
            "tests/journeys/test_checking.py::test_a_receipt_is_looked_up_on_the_device",
        ),
    ),
    VotePromise(
        _l("Nooit één mens alleen"),
        _l("De stembus sluiten en de uitslag vaststellen doen twee mensen samen. Het staat in het logboek."),
        "audit.index",
        _l("Bekijk het logboek"),
        (
            "tests/tally/test_actions.py::test_closing_takes_two_people_after_the_vote",
            "tests/tally/test_actions.py::test_certifying_takes_two_people_after_the_count",
        ),
    ),
)

LIMITS = (
    Limit(
        _l("Wie uw ontvangstbewijs heeft"),
        _l("Die kan na de telling uw keuze opzoeken, ook met de korte code of een foto. Geef het aan niemand."),
    ),
    Limit(
        _l("Wie de lijst van de brieven bewaarde"),
        _l(
            "Wie weet welke code in welke brief zat, ziet na de telling wie stemde. Nooit wat. Bij de stembus staat of"
            " twee mensen vastlegden dat die lijsten vernietigd zijn."
        ),
        (
            "tests/attacks/test_linking.py::test_nobody_gets_from_a_person_to_their_choices",
            "tests/tally/test_workplace.py::test_two_people_put_on_record_that_the_lists_of_letters_are_gone",
        ),
    ),
    Limit(
        _l("Wie de codes maakt"),
        _l("Die kan stemmen met codes die over zijn. Hoeveel codes er zijn, ligt vast voor het stemmen begint."),
        ("tests/security/test_freezing.py::test_manifest_and_registry_are_fixed_once_opened",),
    ),
    Limit(
        _l("Wie uw stemcode heeft"),
        _l("Die ziet dat de code is gebruikt, en kan tot het einde uw stem vervangen."),
        ("tests/core/test_opening.py::test_the_last_ballot_of_each_code_counts",),
    ),
    Limit(
        _l("Druk, omkoping en weggegeven brieven"),
        _l("Wij zien niet wie een code intypt of meekijkt. Wie wil, kan een ander laten zien wat hij stemde."),
    ),
    Limit(
        _l("Een ingebroken server, tijdens het stemmen"),
        _l("Wie dan de baas is over de server, kan meekijken en voor u opnieuw stemmen."),
    ),
    Limit(
        _l("Wie de database én de sleutels heeft, tijdens het stemmen"),
        _l("Die kan de enveloppen openen. Daarom horen ze niet bij elkaar te liggen."),
        ("tests/security/test_secrecy.py::test_a_stored_ballot_cannot_be_read_without_the_key",),
    ),
    Limit(
        _l("Een stem die op de dag zelf verdwijnt"),
        _l("Dat ziet alleen wie zijn ontvangstbewijs bewaarde. Vanaf de nacht ziet iedereen het na de telling."),
        (
            "tests/tally/test_actions.py::test_an_envelope_that_goes_after_a_night_shows_and_one_that_goes_the_same_day_"
            "only_to_its_receipt",
        ),
    ),
    Limit(
        _l("Codes via een account"),
        _l("Dan vertrouwt u erop dat wij geen codes gebruiken die niemand ophaalde."),
    ),
    Limit(
        _l("Een virus op uw apparaat, of een nagemaakte site"),
        _l("Dan kan uw keuze worden gezien of veranderd."),
    ),
    Limit(
        _l("Heel weinig stemmen, of een keuze die alleen u maakt"),
        _l(
            "Dan is raden makkelijker, zeker bij minder dan honderd stemmen. Bij minder dan tien zijn alleen de totalen"
            " openbaar, en kunt u de telling niet zelf nakijken."
        ),
    ),
    Limit(
        _l("Uw internetverbinding"),
        _l("Uw aanbieder kan zien dat u deze site bezoekt."),
    ),
    Limit(
        _l("Sleutels die kwijt zijn, of stiekem zijn gekopieerd"),
        _l("Zonder sleutel kan een ronde niet worden geteld. Een kopie waarvan niemand weet, kunnen wij niet zien."),
        (
            "tests/tally/test_workplace.py::test_a_missing_key_file_leaves_all_as_it_was",
            "tests/tally/test_commands.py::test_who_has_a_copy_of_the_keys_is_for_everyone_to_read",
        ),
    ),
    Limit(
        _l("Oude kopieën van de stembus"),
        _l(
            "In kopieën en in het journaal van de database liggen de dichte enveloppen nog. Zonder sleutel gaan ze niet"
            " open. Misschien kan een computer van later dat toch."
        ),
        ("tests/tally/test_actions.py::test_secrets_are_destroyed_once_and_only_after_certifying",),
    ),
    Limit(
        _l("Een reservekopie die wordt teruggezet"),
        _l("Stemmen van na die kopie kunnen dan weg zijn. Wie zijn bewijs bewaarde, ziet dat na de telling."),
        (
            "tests/core/test_checks.py::test_a_vote_that_was_restored_holds_and_a_receipt_of_before_is_told_by_its_epoch",
        ),
    ),
)

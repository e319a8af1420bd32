"""How names of areas and rounds are spelled: told apart in a list, cut where Excel can hold no more, no formula run."""

import pytest

from buurtbegroot.tables.columns import Column, Kind
from buurtbegroot.tables.spelling import for_people, in_words, words_of
from buurtbegroot.tables.workbook import CUT, LONGEST, _turn
from buurtbegroot.texts import lazy_gettext as _l

NAMES = {"a": "Groen, veilig", "b": "=Noord"}


def named(kind: Kind) -> Column:
    return Column(name="rondes", kind=kind, head=_l("Rondes"), about=_l("Rondes"), names=NAMES)


def test_a_name_with_a_comma_is_one_of_a_list() -> None:
    assert words_of(named(Kind.CODES), ("a", "b", "c")) == "Groen, veilig; =Noord; c"


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.CODES])
def test_a_page_shows_a_name_as_it_is_and_a_file_runs_none(kind: Kind) -> None:
    cell = "b" if kind is Kind.CODE else ("b",)
    assert in_words(named(kind), cell) == "=Noord"
    assert for_people(named(kind))([cell]) == ["'=Noord"]


def test_a_long_list_of_names_fits_in_a_cell_of_excel() -> None:
    turn = _turn(named(Kind.CODES))
    assert turn is not None
    long = turn(("a",) * 3_000)
    assert len(long) == LONGEST
    assert long.endswith(CUT)

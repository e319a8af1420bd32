"""How often a visitor may try codes."""

from collections.abc import Callable

from flask import Flask

from buurtbegroot.core.code_keys import derive_key
from tests.factories.voting import OpenVote
from tests.pages import Browser


def test_only_refused_codes_count_against_a_visitor(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    app = own_app(RATELIMIT_ENABLED=True, CODE_TRIES="3 per minute")
    with app.app_context():
        vote = own_vote(codes=1, derive=derive_key)
        slug, code = vote.round.slug, vote.codes[0]
    browser = Browser(app)

    def enter(typed: str, status: int) -> None:
        browser.post("booth.enter_code", {"stemcode": typed}, status=status, slug=slug)

    for _ in range(5):
        enter("ABCD", 422)
        enter(code, 303)
    for _ in range(3):
        enter("0" * 16, 422)
    enter("0" * 16, 429)
    enter(code, 429)

"""Settings from the environment and from overrides: right values come in typed, wrong ones are refused with words."""

import pytest

from buurtbegroot.core.signing import NoteSigner
from buurtbegroot.settings import SettingsError, read_settings, settings_class

KEY = str(NoteSigner("begroot.example/logboek", bytes(32)).verifier)


def from_environment(**values: str) -> dict[str, object]:
    return read_settings({}, {f"BUURTBEGROOT_{name}": value for name, value in values.items()})


def refusal(**values: str) -> str:
    with pytest.raises(SettingsError) as refused:
        from_environment(**values)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("DEMO", "False", False),
        ("DEMO", "true", True),
        ("SECOND_FACTOR", "0", False),
        ("LANGUAGES", "nl", ["nl"]),
        ("LANGUAGES", "en, nl", ["en", "nl"]),
        ("LANGUAGES", '["en", "nl"]', ["en", "nl"]),
        ("WITNESSES", f"{KEY}\n{KEY}\n", [KEY, KEY]),
        ("WITNESSES", "", []),
        ("SMTP_PASSWORD", "0123456789", "0123456789"),
        ("SMTP_PASSWORD", "", ""),
        ("SITE_NAME", "1012", "1012"),
        ("SMTP_PORT", "587", 587),
        ("SITE_URL", "https://begroot.example.nl:8443", "https://begroot.example.nl:8443"),
        ("SITE_URL", "http://[::1]:5000", "http://[::1]:5000"),
        ("CODE_TRIES", "5 per minute; 10 per hour", "5 per minute; 10 per hour"),
        ("SQLALCHEMY_DATABASE_URI", "postgresql://a:b%7Bc%7D@db/x", "postgresql://a:b%7Bc%7D@db/x"),
        ("SENDER", "begroot@example.nl", "begroot@example.nl"),
    ],
)
def test_a_right_value_comes_in_typed(name: str, given: str, read: object) -> None:
    found = from_environment(**{name: given})[name]
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DEMO", "perhaps"),
        ("DEMO", ""),
        ("LANGUAGES", "nl,fr"),
        ("LANGUAGES", ""),
        ("LANGUAGES", "[]"),
        ("LANGUAGES", "[nl"),
        ("WITNESSES", KEY[:-1]),
        ("WITNESSES", "sleutel"),
        ("SITE_NAME", ""),
        ("SITE_URL", "begroot.example.nl"),
        ("SITE_URL", "https://begroot.example.nl/"),
        ("SITE_URL", "https://begroot.example.nl/pad"),
        ("SITE_URL", "https://begroot.example.nl?x"),
        ("SITE_URL", "ftp://begroot.example.nl"),
        ("SITE_URL", "http://begroot.example.nl:poort"),
        ("SITE_URL", "http://:5000"),
        ("SMTP_PORT", "70000"),
        ("SMTP_PORT", "smtp"),
        ("TRUSTED_PROXIES", "-1"),
        ("SESSION_HOURS", "0"),
        ("SIGN_IN_MINUTES", "1.5"),
        ("SIGN_IN_MINUTES", "1000000000000"),
        ("SESSION_HOURS", "87601"),
        ("MAX_FORM_PARTS", "1" + "0" * 30),
        ("CODE_TRIES", "many"),
        ("CODE_TRIES", "0 per minute"),
        ("CODE_TRIES", "5 per minute;"),
        ("CODE_TRIES", "5 per 2 days"),
        ("CONTACT_EMAIL", "help"),
        ("SENDER", "Buurtbegroten"),
        ("SENDER", "A <a@b.nl>\nBcc: c@d.nl"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_was_given_and_what_is_expected(name: str, given: str) -> None:
    said = refusal(**{name: given})
    assert said.startswith(f"BUURTBEGROOT_{name} must be ")
    assert said.endswith(f", but is {repr(given) if given else 'empty'}.")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("SQLALCHEMY_DATABASE_URI", "mysql://root:hunter2@db/x"),
        ("SQLALCHEMY_DATABASE_URI", "hunter2"),
    ],
)
def test_what_may_hold_a_secret_is_refused_without_showing_it(name: str, given: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment(**{name: given})
    assert f"BUURTBEGROOT_{name} must be an address such as " in str(refused.value)
    assert "hunter2" not in "".join(map(str, (refused.value, refused.value.__cause__, refused.value.__context__)))


def test_a_secret_that_is_no_text_is_not_shown() -> None:
    with pytest.raises(SettingsError, match="SMTP_PASSWORD") as refused:
        read_settings({"SMTP_PASSWORD": 271828})
    assert "271828" not in str(refused.value)


def test_a_misspelt_name_is_refused_with_the_nearest_and_without_its_value() -> None:
    said = refusal(SMTP_PASWORD="hunter2")
    assert said == "BUURTBEGROOT_SMTP_PASWORD is not a setting; did you mean BUURTBEGROOT_SMTP_PASSWORD?"
    assert refusal(ZZZ="1") == "BUURTBEGROOT_ZZZ is not a setting."


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = refusal(DEMO="maybe", LANGUAGES="xx,yy", SITE_NAM="x")
    assert [said.count(name) for name in ("_DEMO ", "_LANGUAGES ", "_SITE_NAM ")] == [1, 1, 1]


def test_what_only_tests_set_comes_from_no_environment() -> None:
    assert refusal(TESTING="true") == "BUURTBEGROOT_TESTING is not a setting."
    assert read_settings({"TESTING": True})["TESTING"] is True


def test_overrides_win_and_are_checked_like_the_rest() -> None:
    assert read_settings({"DEMO": False}, {"BUURTBEGROOT_DEMO": "true"})["DEMO"] is False
    refused: list[dict[str, object]] = [{"DEMOO": True}, {"LANGUAGES": ["fr"]}, {"LANGUAGES": []}, {"SMTP_PORT": 0}]
    for wrong in refused:
        with pytest.raises(SettingsError):
            read_settings(wrong)


def test_names_of_other_programs_are_left_alone() -> None:
    assert read_settings({}, {"DEMO": "perhaps", "BUURT_DEMO": "perhaps"}) == read_settings({}, {})


def test_every_number_has_a_bound() -> None:
    numbers = {name for name, field in settings_class().model_fields.items() if field.annotation is int}
    assert {"SESSION_HOURS", "SIGN_IN_MINUTES", "SMTP_PORT"} <= numbers
    for name in numbers:
        refusal(**{name: "1" + "0" * 12})

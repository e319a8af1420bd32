"""Every setting is in the README's table and the other way round; every one has a default."""

import re
from pathlib import Path

from flask import Config

ROOT = Path(__file__).parents[2]


def test_readme_lists_exactly_the_settings() -> None:
    config = Config(ROOT)
    config.from_pyfile(str(ROOT / "config.py"))
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Settings")[1].split("\n## ")[0]
    documented = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([A-Z_]{4,})`", row.split("|")[1:2][0] if "|" in row else "")
    }
    assert documented == set(config)


def test_the_code_uses_every_setting_of_its_own() -> None:
    own = {
        "SITE_NAME",
        "MUNICIPALITY",
        "CONTACT_PHONE",
        "CONTACT_EMAIL",
        "SENDER",
        "INSTANCE",
        "KEY_DIRECTORY",
        "SITE_URL",
    }
    own |= {"TRUSTED_PROXIES", "LANGUAGES", "SIGN_IN_MINUTES", "SESSION_IDLE_MINUTES", "SESSION_HOURS", "SECOND_FACTOR"}
    own |= {
        "CODE_TRIES",
        "SIGN_IN_TRIES",
        "SMTP_HOST",
        "SMTP_PORT",
        "SMTP_USER",
        "SMTP_PASSWORD",
        "SMTP_STARTTLS",
        "DEMO",
    }
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "buurtbegroot").rglob("*.py"))
    assert {name for name in own if f'"{name}"' not in code} == set()

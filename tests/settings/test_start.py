"""What a start does with the settings: commands and servers that are refused say why; links lead to the demo itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask, current_app
from flask.cli import ScriptInfo

from buurtbegroot import cli, migrating, serving
from buurtbegroot.app import create_app
from buurtbegroot.cli import database
from buurtbegroot.demo import commands
from buurtbegroot.extensions import db
from tests.databases import fresh_uri

WRONG = "BUURTBEGROOT_DEMO must be true or false, but is 'maybe'."


def run(*command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {**os.environ, "BUURTBEGROOT_INSTANCE": str(folder), **environment}
    program = [sys.executable, "-m", *command]
    return subprocess.run(program, env=given, capture_output=True, text=True, check=False, timeout=60)


def told(command: str, folder: Path, **settings: str) -> tuple[int, str]:
    """Return how a command ends, in this process, and what it says."""
    given = {"INSTANCE": str(folder), **settings}
    environment = {f"BUURTBEGROOT_{name}": value for name, value in given.items()}
    script = ScriptInfo(create_app=cli._app)
    result = CliRunner().invoke(cli.main, command.split(), env=environment, obj=script)
    if app := vars(script)["_loaded_app"]:
        with app.app_context():
            db.engine.dispose()
    return result.exit_code, result.output


@pytest.mark.slow
def test_a_command_with_a_wrong_setting_ends_with_one_line(tmp_path: Path) -> None:
    done = run("buurtbegroot", "db", "check", folder=tmp_path, BUURTBEGROOT_DEMO="maybe")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {WRONG}\n")


@pytest.mark.slow
def test_help_is_there_with_wrong_settings(tmp_path: Path) -> None:
    done = run("buurtbegroot", "--help", folder=tmp_path, BUURTBEGROOT_DEMO="maybe")
    assert done.returncode == 0
    assert "accounts" in done.stdout
    assert done.stderr == f"Error: {WRONG}\n\n"


@pytest.mark.slow
def test_a_server_with_a_wrong_setting_does_not_start_and_logs_why(tmp_path: Path) -> None:
    server = ("granian", *serving.GATEWAY, "--port", "0")
    done = run(*server, serving.APP, folder=tmp_path, BUURTBEGROOT_DEMO="maybe")
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith(WRONG)


NOWHERE = {
    "a folder that is not there": "sqlite:////nowhere/at/all.sqlite",
    "nobody who listens": "postgresql://nobody@127.0.0.1:1/nothing",
}


@pytest.mark.parametrize("database", NOWHERE.values(), ids=NOWHERE)
@pytest.mark.parametrize("command", ["db check", "db upgrade", "db downgrade base", "audit verify", "fsck"])
def test_a_command_without_a_database_ends_with_one_line(tmp_path: Path, command: str, database: str) -> None:
    code, said = told(command, tmp_path, SQLALCHEMY_DATABASE_URI=database)
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("Error: the database cannot be used: ")


def test_a_command_on_an_empty_database_ends_with_one_line(tmp_path: Path) -> None:
    code, said = told("audit verify", tmp_path, SQLALCHEMY_DATABASE_URI=fresh_uri(tmp_path))
    assert (code, said.count("\n")) == (1, 1)
    assert said.endswith("`buurtbegroot db check` tells\n")


def test_a_revision_that_is_not_known_ends_with_one_line(tmp_path: Path) -> None:
    code, said = told("db downgrade tomorrow", tmp_path, SQLALCHEMY_DATABASE_URI=fresh_uri(tmp_path))
    assert (code, said.count("\n")) == (1, 1)


@pytest.mark.parametrize("inside", ["", "deeper/still"])
def test_an_instance_that_cannot_be_made_is_said_in_one_line(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").touch()
    code, said = told("db check", tmp_path / "file" / inside)
    assert (code, said.count("\n")) == (1, 1)
    assert str(tmp_path) in said


def test_a_secret_that_others_can_read_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x" * 32)
    (tmp_path / "secret_key").chmod(0o644)
    code, said = told("db check", tmp_path)
    assert (code, said.count("\n")) == (1, 1)
    assert "chmod 600" in said


def test_braces_in_a_password_are_no_placeholders(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": str(tmp_path), "SQLALCHEMY_DATABASE_URI": "postgresql://a:{b}{}@localhost/c"})
    assert "{b}{}" in app.config["SQLALCHEMY_DATABASE_URI"]
    assert app.config["KEY_DIRECTORY"] == f"{tmp_path}-keys"


@pytest.mark.parametrize(
    ("options", "environment", "links"),
    [
        ([], {}, "http://127.0.0.1:5000"),
        (["--port", "5107"], {}, "http://127.0.0.1:5107"),
        (["--host", "::1"], {}, "http://[::1]:5000"),
        (["--port", "5107"], {"BUURTBEGROOT_SITE_URL": "https://demo.example.nl"}, "https://demo.example.nl"),
    ],
)
def test_links_of_the_demo_lead_to_where_it_is_served(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: list[str],
    environment: dict[str, str],
    links: str,
) -> None:
    """Both of the process that makes the city and of the app that the server makes for itself."""
    seen: list[tuple[str, bool]] = []

    def look(app: Flask) -> None:
        seen.append((app.config["SITE_URL"], app.config["SESSION_COOKIE_SECURE"]))

    def serve(**_address: object) -> int:
        look(create_app())
        return 0

    monkeypatch.setattr(os, "environ", {"BUURTBEGROOT_INSTANCE": str(tmp_path), **environment})
    monkeypatch.setattr(serving, "serve", serve)
    monkeypatch.setattr(commands, "_introduce", lambda _url: look(current_app))
    monkeypatch.setattr(commands, "is_seeded", lambda _session: True)
    monkeypatch.setattr(migrating, "upgrade", lambda _engine: None)
    result = CliRunner().invoke(commands.group, ["serve", *options], obj=ScriptInfo(create_app=cli._app))
    assert result.exit_code == 0, result.output
    assert seen == [(links, False)] * 2


def test_the_check_says_whether_the_database_is_at_this_version(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/empty.sqlite"
    app = create_app({"TESTING": True, "INSTANCE": str(tmp_path), "SQLALCHEMY_DATABASE_URI": uri})
    runner = app.test_cli_runner()
    behind = runner.invoke(database, ["check"])
    assert (behind.exit_code, "is behind" in behind.output) == (1, True)
    assert runner.invoke(database, ["upgrade"]).exit_code == 0
    assert runner.invoke(database, ["check"]).exit_code == 0
    with app.app_context():
        db.engine.dispose()

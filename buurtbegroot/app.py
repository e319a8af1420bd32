"""The table of contents: create_app mounts every capability by name, in the order of the process."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from buurtbegroot.accounts import asking
from buurtbegroot.accounts import organiser_views as accounts_organiser
from buurtbegroot.accounts import views as accounts
from buurtbegroot.accounts import words as accounts_words
from buurtbegroot.accounts.asking import held, step_up
from buurtbegroot.akkoord import organiser_views as akkoord_organiser
from buurtbegroot.akkoord import views as akkoord
from buurtbegroot.akkoord import words as akkoord_words
from buurtbegroot.areas import views as areas
from buurtbegroot.audit import views as audit
from buurtbegroot.audit import words as audit_words
from buurtbegroot.core.tally import shares_kernel
from buurtbegroot.database import engine_options, prepare_engine
from buurtbegroot.dual_control import words as dual_control_words
from buurtbegroot.extensions import csrf, db, limiter
from buurtbegroot.opendata import views as opendata
from buurtbegroot.owner_files import put_new, read_owned
from buurtbegroot.pages import frame
from buurtbegroot.pages import views as pages
from buurtbegroot.paths import STATIC, TEMPLATES, TRANSLATIONS
from buurtbegroot.proposals import organiser_views as proposals_organiser
from buurtbegroot.proposals import views as proposals
from buurtbegroot.proposals import words as proposals_words
from buurtbegroot.results import views as results
from buurtbegroot.rounds import organiser_views as rounds_organiser
from buurtbegroot.rounds import views as rounds
from buurtbegroot.rounds import words as rounds_words
from buurtbegroot.rules import organiser_views as rules_organiser
from buurtbegroot.settings import read_settings
from buurtbegroot.tally import organiser_views as tally_organiser
from buurtbegroot.tally import words as tally_words
from buurtbegroot.voting import organiser_views as voting_organiser
from buurtbegroot.voting import views as voting
from buurtbegroot.voting import words as voting_words
from buurtbegroot.web import access, addresses, assets, errors, filters, headers, locale, parts, refusals, symbols
from buurtbegroot.web.transaction import TransactionalFlask

PLUMBING = (  # held catches what the guard of access turns away; step_up asks those whom access let in
    addresses,
    errors,
    refusals,
    headers,
    locale,
    filters,
    assets,
    symbols,
    parts,
    held,
    access,
    asking,
    step_up,
    frame,
)
RESIDENT_PAGES = (pages, rounds, proposals, voting, results, akkoord, areas, audit, opendata, accounts)
ORGANISER_PAGES = (
    rounds_organiser,
    rules_organiser,
    proposals_organiser,
    voting_organiser,
    tally_organiser,
    akkoord_organiser,
    accounts_organiser,
)
REFUSALS = (
    rounds_words.REFUSALS,
    proposals_words.REFUSALS,
    dual_control_words.REFUSALS,
    voting_words.REFUSALS,
    tally_words.REFUSALS,
    accounts_words.REFUSALS,
    akkoord_words.REFUSALS,
    audit_words.REFUSALS,
)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application from config.py, then BUURTBEGROOT_* in the environment, then `overrides`.

    Raises SettingsError when any of them cannot be used.
    """
    app = TransactionalFlask("buurtbegroot", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    _configure(app, overrides or {})
    _bind_extensions(app)
    for plumbing in PLUMBING:
        plumbing.init_app(app)
    for room in RESIDENT_PAGES + ORGANISER_PAGES:
        app.register_blueprint(room.bp)
    for words in REFUSALS:
        refusals.say_refusals(app, words)
    access.check_declarations(app)
    if not shares_kernel.available():
        app.logger.warning("The counting kernel is not here: NumPy counts equal shares, exactly but slower.")
    return app


def _configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    app.config.update(read_settings(overrides))
    instance = Path(app.config["INSTANCE"]).resolve()
    for name in ("SQLALCHEMY_DATABASE_URI", "KEY_DIRECTORY"):
        app.config[name] = app.config[name].replace("{instance}", str(instance))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept_secret(instance / "secret_key")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    if app.config["SESSION_COOKIE_SECURE"]:  # no other site of the same domain can then set this cookie
        app.config["SESSION_COOKIE_NAME"] = "__Host-session"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form may stay open on a phone for days; the session bounds it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def _kept_secret(path: Path) -> str:
    """Read the secret that this machine made earlier, or make one that only its owner can read."""
    if not path.exists():
        with suppress(FileExistsError):  # another worker made one in this very moment
            put_new(path, secrets.token_hex(32))
    return read_owned(path)


def _bind_extensions(app: Flask) -> None:
    uri = app.config["SQLALCHEMY_DATABASE_URI"]
    if make_url(uri).drivername == "postgresql":
        app.config["SQLALCHEMY_DATABASE_URI"] = uri.replace("postgresql:", "postgresql+psycopg:", 1)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(uri))
    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)

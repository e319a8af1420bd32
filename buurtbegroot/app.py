"""The table of contents: create_app mounts every capability by name, in the order of the process."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from buurtbegroot.accounts import held, sessions, step_up
from buurtbegroot.accounts import organiser_views as accounts_organiser
from buurtbegroot.accounts import views as accounts
from buurtbegroot.akkoord import organiser_views as akkoord_organiser
from buurtbegroot.akkoord import views as akkoord
from buurtbegroot.areas import views as areas
from buurtbegroot.audit import views as audit
from buurtbegroot.core.tally import shares_kernel
from buurtbegroot.database import engine_options, prepare_engine
from buurtbegroot.extensions import csrf, db, limiter
from buurtbegroot.mail import tasks as mail_tasks
from buurtbegroot.opendata import views as opendata
from buurtbegroot.pages import frame
from buurtbegroot.pages import views as pages
from buurtbegroot.paths import CONFIG, STATIC, TEMPLATES, TRANSLATIONS
from buurtbegroot.proposals import organiser_views as proposals_organiser
from buurtbegroot.proposals import views as proposals
from buurtbegroot.results import views as results
from buurtbegroot.rounds import organiser_views as rounds_organiser
from buurtbegroot.rounds import views as rounds
from buurtbegroot.tally import organiser_views as tally_organiser
from buurtbegroot.tally import tasks as tally_tasks
from buurtbegroot.voting import organiser_views as voting_organiser
from buurtbegroot.voting import tasks as voting_tasks
from buurtbegroot.voting import views as voting
from buurtbegroot.web import access, addresses, assets, errors, filters, headers, locale, parts, refusals, symbols
from buurtbegroot.web.transaction import TransactionalFlask
from buurtbegroot.work import organiser_views as work_organiser
from buurtbegroot.work import register
from buurtbegroot.work import tasks as work_tasks

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
    sessions,
    step_up,
    frame,
)
RESIDENT_PAGES = (pages, rounds, proposals, voting, results, akkoord, areas, audit, opendata, accounts)
ORGANISER_PAGES = (
    rounds_organiser,
    proposals_organiser,
    voting_organiser,
    tally_organiser,
    akkoord_organiser,
    accounts_organiser,
    work_organiser,
)
TASKS = (*work_tasks.TASKS, *mail_tasks.TASKS, *voting_tasks.TASKS, *tally_tasks.TASKS)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application from config.py, then BUURTBEGROOT_* in the environment, then `overrides`."""
    app = TransactionalFlask("buurtbegroot", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    _configure(app, overrides or {})
    _bind_extensions(app)
    for plumbing in PLUMBING:
        plumbing.init_app(app)
    for room in RESIDENT_PAGES + ORGANISER_PAGES:
        app.register_blueprint(room.bp)
    app.extensions[register.EXTENSION] = register.registered(TASKS)
    access.check_declarations(app)
    if not shares_kernel.available():
        app.logger.warning("The counting kernel is not here: NumPy counts equal shares, exactly but slower.")
    return app


def _configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    app.config.from_pyfile(str(CONFIG))
    app.config.from_prefixed_env("BUURTBEGROOT")
    app.config.update(overrides)
    instance = Path(app.config["INSTANCE"]).resolve()
    for name in ("SQLALCHEMY_DATABASE_URI", "KEY_DIRECTORY"):
        app.config[name] = app.config[name].format(instance=instance)
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
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


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

"""The app: settings, extensions, plumbing and rooms, in that order; which rooms there are is told in `house`."""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from flask import Flask
from sqlalchemy import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.asking import held
from buurtbegroot.audit.domain.keys import SITE_KEYS, SiteKeys
from buurtbegroot.core.tally import shares_kernel
from buurtbegroot.database import engine_options, prepare_engine
from buurtbegroot.extensions import csrf, db
from buurtbegroot.house import ROOMS
from buurtbegroot.limits import asking as limits
from buurtbegroot.limits.asking import once
from buurtbegroot.owner_files import OwnerFileError, put_new, read_owned
from buurtbegroot.pages import frame
from buurtbegroot.paths import STATIC, TEMPLATES, TRANSLATIONS
from buurtbegroot.rooms import Room
from buurtbegroot.settings import PREFIX, SettingsError, read_settings
from buurtbegroot.waiting import asking as waiting
from buurtbegroot.web import (
    access,
    addresses,
    assets,
    compiled,
    errors,
    filters,
    headers,
    locale,
    parts,
    refusals,
    register,
    symbols,
)
from buurtbegroot.web.transaction import TransactionalFlask
from buurtbegroot.work import register as tasks
from buurtbegroot.work.register import Task

PLUMBING = (  # waiting lets in who sends a form with the token of a mail, held catches what the guard of access turns
    # away; asking knows those whom access let in, once comes last
    addresses,
    compiled,
    errors,
    refusals,
    limits,
    headers,
    locale,
    filters,
    assets,
    symbols,
    parts,
    waiting,
    held,
    access,
    asking,
    once,
    frame,
)


def create_app(overrides: Mapping[str, Any] | None = None, *, rooms: Iterable[Room] = ROOMS) -> Flask:
    """Build the application from config.py, then BUURTBEGROOT_* in the environment, then `overrides`.

    Raises SettingsError when any of them cannot be used, and ValueError when two rooms declare the same.
    """
    app = TransactionalFlask("buurtbegroot", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    _configure(app, overrides or {})
    _bind_extensions(app)
    for plumbing in PLUMBING:
        plumbing.init_app(app)
    register.init_app(app, rooms)
    for room in register.rooms_of(app):
        _mount(app, room)
    app.extensions[tasks.EXTENSION] = tasks.registered(task for room in register.rooms_of(app) for task in _tasks(room))
    access.check_declarations(app)
    if not shares_kernel.available():
        app.logger.warning("The counting kernel is not here: NumPy counts equal shares, exactly but slower.")
    return app


def _mount(app: Flask, room: Room) -> None:
    refusals.say_refusals(app, room.faults)
    app.jinja_env.globals.update(room.template_functions)
    for path in room.blueprints:
        app.register_blueprint(resolve_name(path))


def _tasks(room: Room) -> Iterable[Task]:
    return (task for path in room.tasks for task in resolve_name(path))


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
    """Read the secret that this machine made earlier, or make one that only its owner can read; raise SettingsError."""
    try:
        if not path.exists():
            with suppress(FileExistsError):  # another worker made one in this very moment
                put_new(path, secrets.token_hex(32))
        return read_owned(path)
    except OwnerFileError as error:
        raise SettingsError(f"The secret of this site cannot be read: {error}.") from error
    except OSError as error:
        said = f"{PREFIX}INSTANCE must be a folder that can be written to, but {path.parent} is not: {error.strerror}."
        raise SettingsError(said) from error


def _bind_extensions(app: Flask) -> None:
    uri = app.config["SQLALCHEMY_DATABASE_URI"]
    if make_url(uri).drivername == "postgresql":
        app.config["SQLALCHEMY_DATABASE_URI"] = uri.replace("postgresql:", "postgresql+psycopg:", 1)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(uri))
    db.init_app(app)
    csrf.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        db.engine.update_execution_options(**{SITE_KEYS: SiteKeys.from_config(app.config)})

"""The reference of the benchmark of casts: Flask and one INSERT, on an engine like the app's own; no checks at all."""

import json
import os
import secrets

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import BigInteger, Column, Engine, Integer, LargeBinary, MetaData, Table, create_engine, insert

from buurtbegroot.database import engine_options, prepare_engine, writing

BALLOTS = Table(
    "thin_ballot",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("content", LargeBinary),
)


def engine_of(uri: str) -> Engine:
    """Return an engine set up as the app sets up its own."""
    engine = create_engine(uri.replace("postgresql:", "postgresql+psycopg:"), **engine_options(uri))
    prepare_engine(engine)
    return engine


def prepare(uri: str) -> str:
    """Make the table in an empty database and return its address."""
    with writing():
        BALLOTS.metadata.create_all(engine_of(uri))
    return uri


def create_app() -> Flask:
    """Take ballots in at / and keep them in the database that the setting DATABASE names."""
    app = Flask(__name__)
    engine = engine_of(json.loads(os.environ["TEST_SETTINGS"])["DATABASE"])

    @app.post("/")
    def cast() -> ResponseReturnValue:
        content = ",".join(request.form.getlist("keuze")).encode() + secrets.token_bytes(400)
        with writing(), engine.begin() as connection:
            connection.execute(insert(BALLOTS), {"content": content})
        return redirect("/klaar", 303)

    @app.get("/")
    def ready() -> ResponseReturnValue:
        return "ok"

    return app

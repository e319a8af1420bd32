"""The reference of the benchmark: bare Flask and Jinja, no database, a page of the size that the setting SIZE names."""

import json
import os

from flask import Flask, render_template_string

CARD = """<article class="card"><h3><a href="/plan/{{ number }}">{{ title }}</a></h3><p>{{ text }}</p>
<p class="price">{{ cents }}</p><p>{{ place }}</p></article>
"""
PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>{% for card in cards %}" + CARD.replace(
    "{{ ", "{{ card."
) + "{% endfor %}"  # fmt: skip


def create_app() -> Flask:
    """Serve one page of `CARDS` cards that is about `SIZE` bytes long."""
    app = Flask(__name__)
    size, cards = (json.loads(os.environ[f"BUURTBEGROOT_{name}"]) for name in ("SIZE", "CARDS"))
    text = "x" * max(1, size // cards - 190)
    rows = [
        {"number": n, "title": f"Plan {n}", "text": text, "cents": n * 100, "place": f"Buurt {n}"} for n in range(cards)
    ]
    app.add_url_rule("/", "page", lambda: render_template_string(PAGE, title="Plannen", cards=rows))
    return app

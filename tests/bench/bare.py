"""The reference of the benchmark: bare Flask and Jinja, no database, a page of the size that the setting SIZE names.

What anybody would write for a list: one template, compiled once, in which each card links to its page by `url_for` and
shows a title, a text, a price, a place, a theme and a number, all escaped.
"""

import json
import os

from flask import Flask, render_template
from jinja2 import DictLoader

PAGE = """<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>
{% for card in cards %}
<article class="card"><h3><a href="{{ url_for('plan', number=card.number) }}">{{ card.title }}</a></h3>
<p>{{ card.text }}</p>
<p class="price">{{ "€ {:,.2f}".format(card.cents / 100) }}</p><p>{{ card.place }} · {{ card.theme|upper }}</p>
{% if card.comments %}<p>{{ card.comments }} reacties</p>{% endif %}</article>
{% endfor %}
"""
CARD_BYTES = 210  # of a card without its text


def create_app() -> Flask:
    """Serve one page of `CARDS` cards that is about `SIZE` bytes long."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    settings = json.loads(os.environ["TEST_SETTINGS"])
    size, cards = settings["SIZE"], settings["CARDS"]
    text = "x" * max(1, size // cards - CARD_BYTES)
    rows = [_card(number, text) for number in range(cards)]
    app.add_url_rule("/", "page", lambda: render_template("page.html", title="Plannen", cards=rows))
    app.add_url_rule("/plannen/<int:number>", "plan", str)
    return app


def _card(number: int, text: str) -> dict[str, object]:
    words = {"title": f"Plan {number}", "text": text, "place": f"Buurt {number}", "theme": "Groen"}
    return {**words, "number": number, "cents": number * 100, "comments": number % 7}

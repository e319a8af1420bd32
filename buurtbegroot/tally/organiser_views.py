"""Pages of tally for organisers."""

from flask import Blueprint

bp = Blueprint("tally_organiser", __name__, url_prefix="/werkplek")

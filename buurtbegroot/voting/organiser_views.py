"""Pages of voting for organisers."""

from flask import Blueprint

bp = Blueprint("voting_organiser", __name__, url_prefix="/werkplek")

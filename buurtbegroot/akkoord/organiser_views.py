"""Pages of akkoord for organisers."""

from flask import Blueprint

bp = Blueprint("akkoord_organiser", __name__, url_prefix="/werkplek")

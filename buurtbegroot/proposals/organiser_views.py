"""Pages of proposals for organisers."""

from flask import Blueprint

bp = Blueprint("proposals_organiser", __name__, url_prefix="/werkplek")

"""The booth: choosing, entering a code, casting and the receipt."""

from flask import Blueprint

bp = Blueprint("voting", __name__)

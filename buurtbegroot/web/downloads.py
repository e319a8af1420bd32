"""Answers that a browser saves as a file."""

from flask import Response


def attachment(content: str | bytes, name: str, kind: str) -> Response:
    """Return an answer that is saved under `name`, of the media type `kind`; text is sent as UTF-8."""
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

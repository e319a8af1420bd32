"""An app with a database of its own, for what must really be committed."""

from tests.box.conftest import own_app

__all__ = ["own_app"]

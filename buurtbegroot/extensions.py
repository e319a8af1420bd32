"""The extensions, unbound: create_app binds them; they know no capability."""

from ipaddress import IPv6Address, IPv6Network

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from buurtbegroot.database import Model

db = SQLAlchemy(metadata=Model.metadata)
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()


def network_of_visitor() -> str:
    """Return what limits count by: the address, of IPv6 its first half, since one visitor has all of the rest."""
    found = get_remote_address()
    try:
        address = IPv6Address(found.partition("%")[0])
    except ValueError:
        return found
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))


limiter = Limiter(network_of_visitor, strategy="moving-window")

"""The extensions, unbound: create_app binds them; they know no capability."""

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
limiter = Limiter(get_remote_address, strategy="moving-window")

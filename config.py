"""Every setting with its development default; production sets BUURTBEGROOT_<NAME> in the environment.

Values from the environment are read as JSON where they parse as JSON, else as text. README.md explains each.
"""

# What the site is called and whose it is
SITE_NAME = "Buurtbegroten"
MUNICIPALITY = "Amsterdam"
CONTACT_PHONE = "06 0000 0000"
CONTACT_EMAIL = "help@buurtbegroot.invalid"
SENDER = "Buurtbegroten <niet-antwoorden@buurtbegroot.invalid>"

# Where it lives. The instance folder holds the database of a demo and the round keys.
INSTANCE = "instance"
SQLALCHEMY_DATABASE_URI = "sqlite:///{instance}/buurtbegroot.sqlite"
KEY_DIRECTORY = "{instance}/keys"
SITE_URL = "http://127.0.0.1:5000"
TRUSTED_PROXIES = 0

# Secrets. Empty: made once and kept in the instance folder, which suits one machine.
SECRET_KEY = ""

# Languages offered, the first is the default
LANGUAGES = ["nl", "en"]

# Limits on what comes in
MAX_CONTENT_LENGTH = 1_000_000
MAX_FORM_MEMORY_SIZE = 500_000
MAX_FORM_PARTS = 1_000

# Signing in
SIGN_IN_MINUTES = 15
SESSION_IDLE_MINUTES = 120
ORGANISER_IDLE_MINUTES = 30
PROOF_MINUTES = 10
SESSION_HOURS = 12
SESSION_COOKIE_SECURE = False
SECOND_FACTOR = True

# Rate limits, per address, kept in memory unless a shared store is named; only refused codes count as tries
RATELIMIT_STORAGE_URI = "memory://"
RATELIMIT_ENABLED = True
CODE_TRIES = "20 per minute; 60 per hour"
SIGN_IN_TRIES = "10 per minute"

# Mail. Without a host, mail stays in the outbox (and in a demo is shown on the console).
SMTP_HOST = ""
SMTP_PORT = 25
SMTP_USER = ""
SMTP_PASSWORD = ""
SMTP_STARTTLS = False

# A demo city: one-click sign-in and the strip that says what is made up. Never in production.
DEMO = False

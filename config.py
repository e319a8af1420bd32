"""Every setting: its kind, its development default and what it means; BUURTBEGROOT_<NAME> in the environment wins.

Values from the environment are plain text, lists have commas. What cannot be used refuses the start, with the reason.
Loaded by path and imported by nobody: the code reads `current_app.config["NAME"]`. README.md says more of some.
"""

from buurtbegroot.settings import (
    BaseSettings,
    Count,
    DatabaseAddress,
    Hours,
    Languages,
    Mailbox,
    Minutes,
    Number,
    Port,
    Rate,
    Secret,
    Sender,
    SiteAddress,
    Switch,
    Text,
    TextOrNone,
    Verifiers,
)


class Settings(BaseSettings):
    """The settings of a site, by subject."""

    # What the site is called and whose it is
    SITE_NAME: Text = "Buurtbegroten"  # in titles, headers and mail
    MUNICIPALITY: Text = "Amsterdam"  # whose neighbourhoods these are
    CONTACT_PHONE: Text = "06 0000 0000"  # where residents call for help
    CONTACT_EMAIL: Mailbox = "help@buurtbegroot.invalid"  # where residents write for help
    SENDER: Sender = "Buurtbegroten <niet-antwoorden@buurtbegroot.invalid>"  # the From of every mail

    # Where it lives; {instance} stands for the full path of INSTANCE
    INSTANCE: Text = "instance"  # folder of what one machine keeps: database, secret
    SQLALCHEMY_DATABASE_URI: DatabaseAddress = "sqlite:///{instance}/buurtbegroot.sqlite"  # the database
    BACKUP_DAYS: Count = 30  # how long you keep copies of the database; the privacy page says so
    KEY_DIRECTORY: Text = "{instance}-keys"  # folder of the keys of rounds and of second factors, apart from the data
    TEMPLATE_CACHE: TextOrNone = ""  # folder where workers share compiled templates; empty: none
    SITE_URL: SiteAddress = "http://127.0.0.1:5000"  # the public address, for links in mail and letters
    TRUSTED_PROXIES: Number = 0  # how many reverse proxies stand in front
    THREADS: Count = 4  # requests that one process of `buurtbegroot serve` answers at a time

    # Secrets
    SECRET_KEY: Secret = ""  # signs cookies; empty: made once and kept in INSTANCE, which suits one machine

    # Who watches
    WITNESSES: Verifiers = []  # public keys of those who sign the log along, one on each line

    # Languages
    LANGUAGES: Languages = ["nl", "en"]  # those offered; the first is the default

    # Limits on what comes in
    MAX_CONTENT_LENGTH: Count = 1_000_000  # bytes of a request
    MAX_FORM_MEMORY_SIZE: Count = 500_000  # bytes of the fields of a form
    MAX_FORM_PARTS: Count = 1_000  # fields of a form

    # Signing in
    SIGN_IN_MINUTES: Minutes = 15  # how long a mailed link works
    SESSION_IDLE_MINUTES: Minutes = 120  # when a resident's session ends unused
    ORGANISER_IDLE_MINUTES: Minutes = 30  # when an organiser's does
    PROOF_MINUTES: Minutes = 10  # how fresh a proof of identity must be for an act with serious consequences
    SESSION_HOURS: Hours = 12  # when every session ends at the latest
    SESSION_COOKIE_SECURE: Switch = True  # cookies travel under TLS only; the demo, without TLS, says false
    SECOND_FACTOR: Switch = True  # organisers need one

    # Limits on trying; only what fails counts, and a link counts until it is used
    RATELIMIT_ENABLED: Switch = True  # tries are limited
    CODE_TRIES: Rate = "20 per minute; 60 per hour"  # wrong voting codes of one network
    SIGN_IN_TRIES: Rate = "10 per minute"  # links asked for by one network; wrong codes of one authenticator
    MAILBOX_LINKS: Rate = "5 per 15 minutes; 20 per day"  # links mailed to one mailbox
    VISITOR_FORMS: Rate = "120 per hour; 500 per day"  # forms of visitors of one network that wait; a school is one
    NEW_ACCOUNTS: Rate = "120 per hour; 500 per day"  # accounts made from one network; a school is one
    CONTRIBUTIONS: Rate = "6 per minute; 60 per day"  # contributions and answers of one account

    # Limits on what people do
    REPORTS: Rate = "20 per hour; 60 per day"  # things that one account reports
    NETWORK_REPORTS: Rate = "100 per hour; 300 per day"  # things that are reported from one network without an account
    MAILBOX_ANSWERS: Rate = "5 per day"  # reports whose outcome is mailed to one mailbox

    # Mail
    SMTP_HOST: TextOrNone = ""  # the mail server; empty: mail stays in the outbox, and a demo shows it on the console
    SMTP_PORT: Port = 25  # where it listens
    SMTP_USER: TextOrNone = ""  # empty: no signing in there
    SMTP_PASSWORD: Secret = ""  # of that user
    SMTP_STARTTLS: Switch = False  # the connection is encrypted before anything is sent

    # A demo city
    DEMO: Switch = False  # one-click sign-in and the strip that says what is made up; never in production

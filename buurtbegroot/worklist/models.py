"""The table of what people were told of."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model


class Kind(StrEnum):
    """What can wait, the most pressing first. What a second person must confirm is told by `dual_control`."""

    RESTORE = "restore"  # a vote whose database was put back takes no ballots
    OPEN = "open"
    CLOSE = "close"
    UNSEAL = "unseal"  # the envelopes of a box that was shut
    COUNT = "count"
    BUNDLE = "bundle"  # the file by which everyone checks the count was not made
    FAULTY = "faulty"  # that file does not hold
    CERTIFY = "certify"
    CHECK = "check"
    APPOINT = "appoint"  # an appeal that nobody may judge
    APPEALS = "appeals"
    REPORTS = "reports"
    READ = "read"
    CODES = "codes"
    PUBLISH = "publish"
    CODE_LISTS = "code_lists"
    DESTROY = "destroy"
    JOBS = "jobs"  # background work that failed for good


class ToldWork(Model):
    """A thing that waits and of which who can do it were mailed; the row goes when the thing no longer waits."""

    __tablename__ = "told_work"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    told_at: Mapped[datetime]

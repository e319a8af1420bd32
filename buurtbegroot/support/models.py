"""The table of support."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model


class Support(Model):
    """This person supports this plan. When that was is not kept: nothing needs it."""

    __tablename__ = "support"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)

"""Tables of people: accounts, roles scoped to an area, sign-in links and sessions; no passwords anywhere."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.acts import Actor, Person
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Id, Model, Versioned
from buurtbegroot.guards import Guard, any_changed, attach_guards
from buurtbegroot.vouching import Part, Thing, vouch

RESIDENT = "resident"


class Role(StrEnum):
    """What somebody is beyond a resident; each holds in one area and all within it."""

    COORDINATOR = "coordinator"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


class User(Person, Versioned, Model):
    """A person with an account; carries what the sign-in machinery asks of it.

    A deleted account keeps its row, emptied, so that what others rely on (plans, steps, the log) stays whole.
    `totp_secret` is sealed under a key that lies outside the database (see vault); empty without authenticator.
    `may_publish_at` is when this person said to be sixteen, or younger with a parent's consent; not which of the two.
    """

    __tablename__ = "user_account"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    language: Mapped[str] = mapped_column(String(8), default="nl")
    pseudonym: Mapped[str] = mapped_column(String(40), unique=True)
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    may_publish_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", lazy="selectin", cascade="all, delete-orphan"
    )

    is_authenticated = True
    is_anonymous = False
    is_active = True
    second_factor_passed = False  # set for the request by whoever loads the session

    def get_id(self) -> str:
        """Return what the session remembers of this person."""
        return str(self.id)

    @property
    def is_administrator(self) -> bool:
        """Whether this person may do everything everywhere."""
        return any(grant.role is Role.ADMINISTRATOR for grant in self.grants)

    @property
    def is_organiser(self) -> bool:
        """Whether this person has any role that needs a second factor."""
        return bool(self.grants)

    @property
    def actor(self) -> Actor:
        """Who this person is in the public log."""
        order = list(Role)
        role = max((grant.role for grant in self.grants), key=order.index, default=None)
        return Actor(pseudonym=self.pseudonym, role=role.value if role else RESIDENT)


class RoleGrant(Model):
    """This person has this role in this area and all areas within it; `granted_by` is the giver's pseudonym."""

    __tablename__ = "role_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    granted_by: Mapped[str] = mapped_column(String(40), default="")

    user: Mapped[User] = relationship(back_populates="grants")
    area: Mapped[Area] = relationship(lazy="joined")


class SignInLink(Model):
    """A link that was mailed: only its hash, for one address, once, for some minutes."""

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_expires_at", "expires_at"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    next_path: Mapped[str] = mapped_column(String(500), default="")
    expires_at: Mapped[datetime]


class UserSession(Model):
    """A signed-in browser, by the hash of its token; deleting the row signs it out.

    `created_at` is when its owner came in, `second_factor_at` when the phone was last proved.
    """

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(60), default="", server_default="")

    user: Mapped[User] = relationship(lazy="joined")


class HeldForm(Model):
    """What somebody sent when the session had ended: the form at `path`, for that person alone and for an hour."""

    __tablename__ = "held_form"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[list[Any]]] = mapped_column(JSON)
    expires_at: Mapped[datetime]


ONE_NAME = "frozen: the log knows a person by one name for good"
attach_guards(
    Model.metadata,
    (
        Guard("user_account", "UPDATE", any_changed(("id", "pseudonym")), ONE_NAME),
        Guard("user_account", "DELETE", "1 = 1", ONE_NAME),
    ),
)
vouch(
    Model.metadata,
    Thing(kind="person", name=User.pseudonym, id=User.id, public=exists().where(RoleGrant.user_id == User.id)),
    Part(kind="person", table=RoleGrant.__table__, key="user_id"),
)

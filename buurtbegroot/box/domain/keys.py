"""The secrets of each vote and what is public of them, in owner-only files outside the database; no Flask."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from buurtbegroot.box.domain.anchors import Anchors, Folder, KeyFileError, anchored, checked, owned
from buurtbegroot.core.closing import LISTS
from buurtbegroot.core.code_keys import ARGON2_SALT_BYTES
from buurtbegroot.core.credentials import KEY_BYTES, mac
from buurtbegroot.core.envelope import generate_sealing_keys
from buurtbegroot.core.mailbox import mailbox_of
from buurtbegroot.core.plan_texts import SALT_BYTES as TEXTS_SALT_BYTES
from buurtbegroot.core.signatures import public_key
from buurtbegroot.core.signing import NoteSigner, generate_seed
from buurtbegroot.owner_files import destroy, drafts_of, put_new, replace

SEED_BYTES = 32
FORMAT = "bb-keys/v2"
_NAME = "ronde"


@dataclass(frozen=True, kw_only=True)
class RoundKeys:
    """What casting and signing need of one vote; each value has 32 bytes but the salt, which has 16.

    `origin` is the name under which the vote signs; `salt` goes into every code of the round; `link_key` is empty once
    the box was shut.
    """

    origin: str
    salt: bytes
    sealing_public: bytes
    signing_seed: bytes = field(repr=False)
    lot_seed: bytes = field(repr=False)
    link_key: bytes = field(repr=False)

    @property
    def signer(self) -> NoteSigner:
        """The key that signs receipts and the closing note, under its name."""
        return NoteSigner(self.origin, self.signing_seed)

    @property
    def signing_public(self) -> bytes:
        """The public half of the key that signs, 32 bytes."""
        return public_key(self.signing_seed)

    @property
    def pool_key(self) -> bytes:
        """What the codes that wait in the account pool are encrypted under, 32 bytes."""
        return mac(self.link_key, "v2/pool-codes")

    @property
    def void_key(self) -> bytes:
        """What hides, among the trusted values, which spare took the place of a void code, 32 bytes."""
        return mac(self.link_key, "v2/void-spares")

    @property
    def account_key(self) -> bytes:
        """What hides which account drew a code from the pool, 32 bytes."""
        return mac(self.link_key, "v2/pool-accounts")

    def texts_salt(self, plan: int) -> bytes:
        """Return the salt, 16 bytes, of what a plan says: the same each time, and nobody's to guess."""
        return mac(self.signing_seed, "v2/plan-texts-salt", str(plan).encode())[:TEXTS_SALT_BYTES]

    def account_mark(self, email: str) -> bytes:
        """Return what stands for an account's mailbox in this round, 32 bytes.

        It follows the mailbox and not the account: who deletes an account and makes it again draws no second code,
        nor does who writes the address in another way.
        """
        return mac(self.account_key, "v2/account", mailbox_of(email).encode())


class KeyStore:
    """The votes of a site, each in a folder of its own. Secrets are cached as long as their file stays the same."""

    def __init__(self, directory: Path | str, *, site: str = "localhost") -> None:
        self._directory = Path(directory)
        self._site = site

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "KeyStore":
        """Return the store that the settings KEY_DIRECTORY and SITE_URL name."""
        return cls(config["KEY_DIRECTORY"], site=urlsplit(config["SITE_URL"]).netloc or "localhost")

    def folder(self, round_id: int) -> Folder:
        """Return where the files of a round are."""
        return Folder(self._directory / f"{_NAME}-{round_id}")

    def rounds(self) -> set[int]:
        """Return the rounds that have a folder here."""
        names = (path.name.partition("-")[2] for path in self._directory.glob(f"{_NAME}-*"))
        return {int(name) for name in names if name.isdecimal()}

    def anchors(self, round_id: int) -> Anchors:
        """Return the trusted values of a round, as `anchored` does."""
        return anchored(self.folder(round_id))

    def pulse(self, round_id: int) -> int:
        """Return the minute, since 1970, in which a database last was alive for this vote; 0 before the first."""
        try:
            return int(self.folder(round_id).pulse.read_bytes())
        except FileNotFoundError:
            return 0
        except ValueError:
            raise KeyFileError(f"{self.folder(round_id).pulse} is damaged") from None

    def raise_pulse(self, round_id: int, minute: int) -> None:
        """Keep a minute that a database committed before, or that none of now has; it only rises."""
        folder = self.folder(round_id)
        with folder.exclusive():
            if minute > self.pulse(round_id):
                replace(folder.pulse, str(minute))

    def exists(self, round_id: int) -> bool:
        """Tell whether this round has keys."""
        return self.folder(round_id).keys.exists()

    def create(self, round_id: int) -> RoundKeys:
        """Draw the keys of a round. Raises KeyFileError when it has keys: they are never replaced."""
        folder, sealing = self.folder(round_id), generate_sealing_keys()
        own = {
            "salt": secrets.token_bytes(ARGON2_SALT_BYTES),
            "sealing_public": sealing.public,
            "signing_seed": generate_seed(),
            "lot_seed": secrets.token_bytes(SEED_BYTES),
        }
        plain = {"format": FORMAT, "origin": f"{self._site}/rondes/{round_id}"}
        with folder.exclusive():
            if self.exists(round_id):
                raise KeyFileError(f"{folder.keys} is there already; keys of a round are made once")
            replace(folder.secret, sealing.secret.hex())
            replace(folder.link, secrets.token_hex(KEY_BYTES))
            put_new(folder.keys, json.dumps(plain | {name: value.hex() for name, value in own.items()}))
        return self.load(round_id)

    def load(self, round_id: int) -> RoundKeys:
        """Return the keys of a round. Raises KeyFileError when they are missing, damaged or open to others."""
        return load_keys(self.folder(round_id))

    def destroy_link(self, round_id: int) -> None:
        """Destroy what joins codes to places in the box; from then on nothing does. Again does nothing."""
        _destroy_whole(self.folder(round_id).link)

    def destroy_lists(self, round_id: int) -> None:
        """Destroy what left the opener of a vote too small to publish it, and the bundle."""
        folder = self.folder(round_id)
        _destroy_whole(folder.bundle, *map(folder.list, LISTS))

    def destroy(self, round_id: int) -> None:
        """Destroy the secrets of a round and its box: the ballots in copies of it stay sealed for ever."""
        folder = self.folder(round_id)
        checked(folder.keys)
        _destroy_whole(folder.link, folder.secret, folder.box, folder.keys)
        _cache.pop(folder, None)


def load_keys(folder: Folder) -> RoundKeys:
    """Return the keys in a folder, as KeyStore.load does."""
    status, is_linked = checked(folder.keys), folder.link.exists()
    version = (status.st_ino, status.st_mtime_ns, is_linked)
    found = _cache.get(folder)
    if found is None or found[0] != version:
        link = owned(folder.link).strip(b"\0") if is_linked else b""  # its destruction may have broken off
        found = version, _from_plain(owned(folder.keys), link, folder.keys)
        _cache[folder] = found
    return found[1]


_cache: dict[Folder, tuple[tuple[int, int, bool], RoundKeys]] = {}


def _destroy_whole(*paths: Path) -> None:
    """Destroy files in this order, and what a crash left of writing them before any."""
    drafts = [draft for path in paths for draft in drafts_of(path)]
    for each in (*drafts, *paths):
        if each.exists():
            destroy(each)


def _from_plain(written: bytes, link: bytes, path: Path) -> RoundKeys:
    try:
        content = json.loads(written)
        if content["format"] != FORMAT:
            raise KeyFileError(f"{path} is no key file in the form {FORMAT}")
        names = ("salt", "sealing_public", "signing_seed", "lot_seed")
        values = {name: bytes.fromhex(content[name]) for name in names}
        return RoundKeys(origin=content["origin"], link_key=bytes.fromhex(link.decode("ascii")), **values)
    except (KeyError, ValueError, TypeError):
        raise KeyFileError(f"{path} is damaged") from None

"""The secret keys of each round's vote, one owner-only file per round outside database and backups; no Flask."""

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.core.code_keys import ARGON2_SALT_BYTES
from buurtbegroot.core.credentials import KEY_BYTES, locator, mac, receipt_key
from buurtbegroot.core.envelope import SealingKeys, generate_sealing_keys
from buurtbegroot.core.signatures import public_key
from buurtbegroot.core.signing import NoteSigner, NoteVerifier, generate_seed
from buurtbegroot.core.transparency_log import Checkpoint, next_checkpoint, sign_checkpoint
from buurtbegroot.owner_files import destroy, put_new, replace

SEED_BYTES = 32
FORMAT = "bb-keys/v1"


class KeysFault(Fault):
    """Why nothing is done with the keys of a round: they are of no use, or would sign what denies what they signed."""

    NO_KEYS = "no_keys"
    LOG_FORKED = "log_forked"


class KeyFileError(RefusedError):
    """A key file that is missing, readable by others, damaged, or there already; the message says which file."""

    status = 503

    def __init__(self, trouble: str) -> None:
        super().__init__(KeysFault.NO_KEYS, trouble=trouble)


@dataclass(frozen=True, kw_only=True)
class RoundKeys:
    """The secrets of one round, 32 bytes each, and what is public of them.

    `origin` is the name of its log and of the key that signs it; `salt`, 16 bytes, goes into every code of the round.
    """

    origin: str
    salt: bytes
    sealing: SealingKeys
    link_key: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)
    lot_seed: bytes = field(repr=False)

    @property
    def signing_public(self) -> bytes:
        """The public half of the key that signs receipts and checkpoints, 32 bytes."""
        return public_key(self.signing_seed)

    @property
    def pool_key(self) -> bytes:
        """What the codes that wait in the account pool are encrypted under, 32 bytes."""
        return mac(self.link_key, "v2/pool-codes")

    @property
    def account_key(self) -> bytes:
        """What hides which account drew a code from the pool, 32 bytes."""
        return mac(self.link_key, "v2/pool-accounts")

    def account_mark(self, email: str) -> bytes:
        """Return what stands for an account's mailbox in this round, 32 bytes.

        It follows the address and not the account: who deletes an account and makes it again draws no second code,
        nor does who adds a `+label` to the name.
        """
        name, _, domain = email.lower().rpartition("@")
        return mac(self.account_key, "v2/account", f"{name.partition('+')[0]}@{domain}".encode())

    @property
    def log_verifier(self) -> NoteVerifier:
        """What anyone needs to check the checkpoints of this round."""
        return NoteVerifier(self.origin, self.signing_public)


class ReceiptSecrets(NamedTuple):
    """Where the ballot of a code lies, and what opens its receipt."""

    locator: bytes
    receipt_key: bytes


def receipt_secrets(link_key: bytes, k: bytes) -> ReceiptSecrets:
    """Return place and receipt key of a code."""
    return ReceiptSecrets(locator(link_key, k), receipt_key(link_key, k))


class KeyStore:
    """The key files in one folder. Secrets are cached as long as their file stays the same."""

    def __init__(self, directory: Path | str, *, site: str = "localhost") -> None:
        self._directory = Path(directory)
        self._site = site

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "KeyStore":
        """Return the store that the settings KEY_DIRECTORY and SITE_URL name."""
        return cls(config["KEY_DIRECTORY"], site=urlsplit(config["SITE_URL"]).netloc or "localhost")

    def exists(self, round_id: int) -> bool:
        """Tell whether this round has keys."""
        return self._path(round_id).exists()

    def create(self, round_id: int) -> RoundKeys:
        """Draw the keys of a round. Raises KeyFileError when it has keys: they are never replaced."""
        path = self._path(round_id)
        sealing = generate_sealing_keys()
        keys = RoundKeys(
            origin=f"{self._site}/rondes/{round_id}",
            salt=secrets.token_bytes(ARGON2_SALT_BYTES),
            sealing=sealing,
            link_key=secrets.token_bytes(KEY_BYTES),
            signing_seed=generate_seed(),
            lot_seed=secrets.token_bytes(SEED_BYTES),
        )
        try:
            put_new(path, json.dumps({**_to_plain(keys), "signed": None}))
        except FileExistsError:
            raise KeyFileError(f"{path} is there already; keys of a round are made once") from None
        return keys

    def load(self, round_id: int) -> RoundKeys:
        """Return the keys of a round. Raises KeyFileError when they are missing, damaged or open to others."""
        path = self._path(round_id)
        status = _checked(path)
        version = (status.st_ino, status.st_mtime_ns)
        found = _cache.get(path)
        if found is None or found[0] != version:
            found = version, _from_plain(_read(path), path)
            _cache[path] = found
        return found[1]

    def sign_log(self, round_id: int, leaves: Sequence[bytes]) -> tuple[Checkpoint, str]:
        """Return the checkpoint of the whole log and its signed note; what was signed is on disk before it leaves.

        Pass committed leaves only: after this, no shorter or other log is ever signed. Raises LogForkError when the
        leaves are not those signed before with zero or more added, KeyFileError as `load` does.
        """
        path = self._path(round_id)
        with _exclusive(self._directory):
            keys = self.load(round_id)
            content = _read(path)
            last = _last_signed(content, keys.origin)
            checkpoint = next_checkpoint(last, leaves, origin=keys.origin)
            if checkpoint != last:
                content["signed"] = {"size": checkpoint.size, "root": checkpoint.root.hex()}
                replace(path, json.dumps(content))
        return checkpoint, sign_checkpoint(checkpoint, NoteSigner(keys.origin, keys.signing_seed))

    def destroy(self, round_id: int) -> None:
        """Overwrite and remove the keys of a round; its ballots stay sealed and its receipts unreadable for ever."""
        path = self._path(round_id)
        _checked(path)
        destroy(path)
        _cache.pop(path, None)

    def _path(self, round_id: int) -> Path:
        return self._directory / f"ronde-{round_id}.json"


_cache: dict[Path, tuple[tuple[int, int], RoundKeys]] = {}


def _to_plain(keys: RoundKeys) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "origin": keys.origin,
        "salt": keys.salt.hex(),
        "sealing_public": keys.sealing.public.hex(),
        "sealing_secret": keys.sealing.secret.hex(),
        "link_key": keys.link_key.hex(),
        "signing_seed": keys.signing_seed.hex(),
        "lot_seed": keys.lot_seed.hex(),
    }


def _from_plain(content: dict[str, Any], path: Path) -> RoundKeys:
    try:
        secret = {name: bytes.fromhex(content[name]) for name in ("salt", "link_key", "signing_seed", "lot_seed")}
        sealing = SealingKeys(bytes.fromhex(content["sealing_public"]), bytes.fromhex(content["sealing_secret"]))
        return RoundKeys(origin=content["origin"], sealing=sealing, **secret)
    except (KeyError, ValueError, TypeError):
        raise KeyFileError(f"{path} is damaged") from None


def _last_signed(content: dict[str, Any], origin: str) -> Checkpoint | None:
    signed = content["signed"]
    return Checkpoint(origin, signed["size"], bytes.fromhex(signed["root"])) if signed else None


def _checked(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise KeyFileError(f"{path} is missing; was KEY_DIRECTORY moved, or were the keys destroyed?") from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyFileError(f"{path} can be read by others; run chmod 600 on it")
    return status


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise KeyFileError(f"{path} cannot be read or is damaged") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise KeyFileError(f"{path} is no key file in the form {FORMAT}")
    return content


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """One signer at a time, over all processes of this machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

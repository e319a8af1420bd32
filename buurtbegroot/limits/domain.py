"""Who counts as one, what a limit is and the secrets of a day under which tries are kept; no database and no Flask."""

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.owner_files import destroy, put_new, read_owned
from buurtbegroot.settings import Bound

KEPT = timedelta(days=1)  # tries, and which forms were done
_PREFIX, _SUFFIX = "limits-", ".key"


def network_of(address: str) -> str:
    """Return what counts as one network: the address, of IPv6 its first half, since one visitor has all of the rest."""
    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


class LimitFault(Fault):
    """Why somebody has to wait."""

    TOO_OFTEN = "too_often"


class TooOftenError(RefusedError):
    """A limit is reached; the facts `seconds` and `until` say how long it takes until there is room again."""

    status = 429

    def __init__(self, fault: Fault, *, seconds: int, until: datetime) -> None:
        super().__init__(fault, seconds=seconds, until=until)
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Tries of one kind by one network, mailbox or person, and how many there may be; `fault` has the words."""

    limit: str
    who: str = field(repr=False)
    bounds: tuple[Bound, ...]
    fault: Fault = LimitFault.TOO_OFTEN


class DailySecrets:
    """One secret for each day, in files beside the other keys; with yesterday's gone, nobody can tell who tried."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keys(self, counted: Counted, *, now: datetime) -> list[bytes]:
        """Return under what the tries of today and of yesterday are kept, as far as those days have a secret."""
        paths = [self._path(now - timedelta(days=days)) for days in (0, 1)]
        return [_key(path, counted) for path in paths if path.exists()]

    def key_of_today(self, counted: Counted, *, now: datetime) -> bytes:
        """Return under what a try is kept now; the first one of a day makes its secret."""
        path = self._path(now)
        if not path.exists():
            with suppress(FileExistsError):  # another process made one in this very moment
                put_new(path, secrets.token_hex(32))
        return _key(path, counted)

    def forget(self, *, now: datetime) -> None:
        """Destroy the secrets of days of which no try is kept any more."""
        oldest = self._path(now - KEPT).name
        for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if path.name < oldest:
                with suppress(FileNotFoundError):
                    destroy(path)

    def _path(self, moment: datetime) -> Path:
        return self._folder / f"{_PREFIX}{moment.date().isoformat()}{_SUFFIX}"


def _key(path: Path, counted: Counted) -> bytes:
    return hmac.digest(bytes.fromhex(read_owned(path)), f"{counted.limit}\n{counted.who}".encode(), "sha256")

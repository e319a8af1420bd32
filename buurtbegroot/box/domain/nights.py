"""The file of night seals of a vote, and which night it is; how a seal is made is in core.seals."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from buurtbegroot.box.domain.folder import Folder, KeyFileError
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.seals import Seal, SealList
from buurtbegroot.owner_files import replace

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEGINS = timedelta(hours=4)  # a day of voting begins at four in the night, when nobody votes


@dataclass(frozen=True)
class Nights:
    """The seals of a vote, with for each the day (ISO) that began after that night."""

    nights: tuple[str, ...] = ()
    list: SealList = field(default_factory=SealList)

    def sealed(self, night: date, box: Collection[bytes], *, salt: bytes) -> "Nights":
        """Return these with one more seal, of a box that holds these fingerprints."""
        return Nights((*self.nights, night.isoformat()), self.list.sealed(box, salt=salt))


def night_of(moment: datetime) -> date:
    """Return the day, which begins at four in the night in Amsterdam, in which a moment lies."""
    return (moment.astimezone(AMSTERDAM) - BEGINS).date()


def read_nights(folder: Folder) -> Nights:
    """Return the seals of a vote, none before the first; raises KeyFileError for a damaged file."""
    try:
        plain = json.loads(folder.seals.read_bytes())
        seals = (Seal(bytes.fromhex(one["salt"]), one["size"], bytes.fromhex(one["root"])) for one in plain["seals"])
        envelopes = tuple(map(bytes.fromhex, plain["envelopes"]))
        return Nights(tuple(one["night"] for one in plain["seals"]), SealList(envelopes, tuple(seals)))
    except FileNotFoundError:
        return Nights()
    except (KeyError, TypeError, ValueError):
        raise KeyFileError(f"{folder.seals} is damaged") from None


def write_nights(folder: Folder, nights: Nights) -> None:
    """Keep the seals, in the form in which the bundle has them."""
    seals = [
        {"night": night, "salt": seal.salt.hex(), "size": seal.size, "root": seal.root.hex()}
        for night, seal in zip(nights.nights, nights.list.seals, strict=True)
    ]
    plain = {"envelopes": [each.hex() for each in nights.list.envelopes], "seals": seals}
    replace(folder.seals, canonical_json(plain))

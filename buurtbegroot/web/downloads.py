"""Answers that a browser saves as a file."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from tempfile import TemporaryFile

from flask import Response
from flask_babel import gettext as _

IN_MEMORY = CHUNK = 131_072
"""How many bytes of a file are in memory at a time; a longer one is on the disk, without a name."""


class Spool:
    """A long file that is whole before anybody reads it, and gone once it is read or closed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it is read after this returned
        try:
            self._file.writelines(parts)
        except BaseException:
            self.close()
            raise
        self.size = self._file.tell()

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        yield from iter(partial(self._file.read, CHUNK), b"")
        self.close()

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


def spooled(parts: Iterable[bytes]) -> bytes | Spool:
    """Return a file that is made part by part, made at once: in memory when it is short."""
    begun, size, left = list[bytes](), 0, iter(parts)
    for part in left:
        begun.append(part)
        size += len(part)
        if size > IN_MEMORY:
            return Spool(chain(begun, left))
    return b"".join(begun)


def attachment(content: str | bytes | Spool, name: str, kind: str) -> Response:
    """Return an answer that is saved under `name`, of the media type `kind`; text is sent as UTF-8."""
    response = Response(content, mimetype=kind)
    if isinstance(content, Spool):
        response.content_length = content.size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def not_made(unclear: Iterable[str], *, title: str, page: str) -> Response:
    """Answer that no file is made: `unclear` are names in the address; the page at `page` says what can be asked."""
    words = _(
        "Dit bestand is niet gemaakt. In het adres staat iets wat %(title)s niet kent: %(names)s."
        " Wat wel kan, staat op %(page)s",
        title=title,
        names=", ".join(sorted(name[:40] for name in unclear)),
        page=page,
    )
    return Response(words, 400, mimetype="text/plain")

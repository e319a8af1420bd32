"""How a refused act, or a database that is not there, is told on the command line: in English, with 1 at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from buurtbegroot.acts import NotAllowedError, RefusedError


class Commands(click.Group):
    """A group of commands that catch no refusal themselves; what they did not commit is gone with the command.

    Whoever runs one has no use for a traceback when the database is not there.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run a command of the group."""
        with told():
            return super().invoke(ctx)


@contextmanager
def told() -> Iterator[None]:
    """End the command with a sentence where it was refused, or where the database is not there."""
    try:
        yield
    except (RefusedError, NotAllowedError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except (OperationalError, ProgrammingError) as error:  # not there, shut, or without the tables of this version
        why = str(error.orig).partition("\n")[0]
        raise click.ClickException(f"the database cannot be used: {why}; `buurtbegroot db check` tells") from error

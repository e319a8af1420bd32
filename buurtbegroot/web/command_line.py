"""How a refused act is told on the command line: in plain English, and with 1 at the end."""

import click

from buurtbegroot.acts import NotAllowedError, RefusedError


class Commands(click.Group):
    """A group of commands that catch no refusal themselves; what they did not commit is gone with the command."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command of the group."""
        try:
            return super().invoke(ctx)
        except (RefusedError, NotAllowedError) as refusal:
            raise click.ClickException(str(refusal)) from refusal

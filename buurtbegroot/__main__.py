"""Where the command begins: `count` works without the app, and does not wait for it to be read."""

import sys
from importlib import import_module

from buurtbegroot.counting.commands import command


def main() -> None:
    """Run `buurtbegroot`, or `python -m buurtbegroot`."""
    if sys.argv[1:2] == [command.name]:
        command.main(sys.argv[2:], prog_name=f"buurtbegroot {command.name}")
    import_module("buurtbegroot.cli").main()


if __name__ == "__main__":
    main()

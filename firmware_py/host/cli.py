"""The root of the `motewise` command. Each package adds its commands through the entry points
"motewise.commands" (`module:register`, called with the typer app), so that a machine has what it installed.

An error of ours becomes one sentence on stderr and exit status 1; results go to stdout, logs to stderr."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from firmware_py.core.errors import MotewiseError

log = logging.getLogger(__name__)

# Options that several commands share.
BrokerOption = Annotated[str | None, typer.Option("--broker", help="Broker, like mqtt://host:1883.")]
SiteOption = Annotated[str | None, typer.Option("--site", help="Site, the level after motewise/1/.")]
UserOption = Annotated[str | None, typer.Option("--user", help="User name at the broker.")]
PasswordFileOption = Annotated[
    Path | None, typer.Option("--password-file", help="File whose first line is the password.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON record a line, for programs.")]

# The extra that commands and checks need, where it is not called like them.
EXTRAS = {"model": "agent", "drivers": "agent"}


def build() -> tuple[typer.Typer, dict[str, str]]:
    """The app with every command of the installed packages, and why the others are missing (name -> sentence)."""
    app = typer.Typer(
        name="motewise", help="Tell a fleet of small devices what to do, in plain language.", no_args_is_help=True,
        add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    missing = {}
    for point in sorted(entry_points(group="motewise.commands"), key=lambda point: point.name):
        try:
            point.load()(app)
        except ModuleNotFoundError as error:
            extra = EXTRAS.get(point.name, point.name)
            missing[point.name] = (
                f"The commands of '{point.name}' need {error.name}: pip install 'motewise[{extra}]'.")
    return app, missing


def _root(
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Log more; twice for everything.")] = 0,
) -> None:
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def main() -> None:
    """The console script."""
    app, missing = build()
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    known = {command.name or (command.callback.__name__ if command.callback else "")
             for command in app.registered_commands} | {group.name for group in app.registered_groups}
    if words and words[0] not in known and missing:
        for sentence in missing.values():
            print(sentence, file=sys.stderr)
    try:
        app()
    except MotewiseError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that is a file
        log.debug("", exc_info=True)
        print(f"{error.filename or 'The system'}: {error.strerror or error}.", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()

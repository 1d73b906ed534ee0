"""Devices that programs of this computer control. `get`, `set` and `do` are command lines: lists of texts.

There is no shell: a value is one argument or a part of one (`{value}`), and also in the environment (MOTEWISE_VALUE,
MOTEWISE_ and the input's name in capitals). A command must end within `timeout_s`, or it is killed with all that it
started; a status other than 0 is a failure. What it prints is the value that it gets."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from device_agent.drivers.configured import Configured, Values, check_places, filled, places, text_of
from device_agent.thing import DriverError, Range, Unit

_SAID_MAX = 200


class Command(Configured):
    """A device that commands control. `folder`: where they run; the agent's own if not given."""

    def __init__(
        self, properties: Mapping[str, Any] | None = None, actions: Mapping[str, Any] | None = None,
        timeout_s: Annotated[float, Range(0.1, 600), Unit("second")] = 10.0, folder: str = "",
    ) -> None:
        self._timeout_s = timeout_s
        self._folder = os.path.expanduser(folder) or None
        if self._folder is not None and not os.path.isdir(self._folder):
            raise DriverError(f"There is no folder {folder!r}.")
        super().__init__(properties or {}, actions or {})

    def _reading(self, get: Any, what: str) -> Callable[[], str]:
        argv = _argv(get, (), what)
        return lambda: self._run(argv, {})

    def _doing(self, do: Any, names: tuple[str, ...], what: str) -> Callable[[Values], None]:
        argv = _argv(do, names, what)

        def run(values: Values) -> None:
            self._run([argv[0], *_arguments(argv, values)], values)

        return run

    def _run(self, argv: list[str], values: Values) -> str:
        told = {f"MOTEWISE_{name.upper()}": text_of(value) for name, value in values.items()}
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self._folder,
                env={**os.environ, **told}, text=True, encoding="utf-8", errors="replace", start_new_session=True)
        except FileNotFoundError:
            raise DriverError(f"There is no program '{argv[0]}'.") from None
        except OSError as error:
            raise DriverError(f"The program '{argv[0]}' could not be started: {error.strerror}.") from None
        with process:
            try:
                out, err = process.communicate(timeout=self._timeout_s)
            except subprocess.TimeoutExpired:
                raise DriverError(f"The program '{argv[0]}' did not end within {self._timeout_s:g} s.") from None
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            said = (err.strip() or out.strip()).splitlines()
            why = f": {said[-1].strip()[:_SAID_MAX].rstrip('.')}" if said else ""
            raise DriverError(f"The program '{argv[0]}' failed (status {process.returncode}){why}.")
        return out


def _argv(argv: Any, names: tuple[str, ...], what: str) -> list[str]:
    if not isinstance(argv, list) or not argv or not all(isinstance(part, str) and part for part in argv):
        raise DriverError(f"A command of the {what} must be a list of texts: the program, then its arguments.")
    if places(argv[0]):
        raise DriverError(f"The program of the {what} cannot be chosen by a value.")
    check_places(argv, names, what)
    return argv


def _arguments(argv: list[str], values: Values) -> list[str]:
    """The arguments with their values. A text cannot pass for an option: it may begin with '-' only after `--`."""
    made, options = [], True
    for part in argv[1:]:
        options = options and part != "--"
        whole = filled(part, values)
        first = places(part)[:1]
        if options and first and isinstance(values[first[0]], str) and not part.startswith("-") and whole[:1] == "-":
            raise DriverError(f"The text {whole[:80]!r} begins with '-', which a program could take for an option.")
        made.append(whole)
    return made

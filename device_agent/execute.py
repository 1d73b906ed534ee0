"""Programs on a Raspberry Pi: stepped and drawn with `transitions`, their calls made in threads.

Rules: a `Run` only steps; a machine is built from a checked table whose names become enumerations of ours, so that no
name from a model or the wire is ever resolved to code. `Hands` reach one driver, one call after another; a call that
hangs past its time is left behind and reported as a timeout, one that nobody waits for any more is not begun, and the
link stays alive. firmware_py.core.program steps the same table on a board; tests hold both to the same traces."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from transitions import Machine, MachineError
from transitions.extensions import GraphMachine

from firmware_py.core import program as core
from firmware_py.core.errors import LocalError, ProgramError

log = logging.getLogger(__name__)
logging.getLogger("transitions").setLevel(logging.WARNING)

T = TypeVar("T")
# Calls of one driver that may hang at once; each keeps a thread.
LEFT_MAX = 8
Event = Enum("Event", {name: name for name in core.EVENTS})  # type: ignore[misc]


def _table(made: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """(states in order, [event, state, next state]) of a checked Program."""
    rows = made["states"]
    return list(rows), [[Event[event].value, state, target] for state, row in rows.items()
                        for event, target in row.get("on", {}).items()]


class _Model:
    """What `transitions` hangs a state on."""


class Run:
    """One Program in one state. ProgramError for a table that is not sound, a state or an event that it lacks."""

    def __init__(self, made: Mapping[str, Any], at: str | None = None) -> None:
        core.check(made)
        if at is not None and at not in made["states"]:
            raise ProgramError(f"The Program has no state {at!r}.")
        self._made = made
        self._at: str = at or made["initial"]
        self._model: _Model | None = None

    @property
    def at(self) -> str:
        """The present state."""
        return self._at

    @property
    def effect(self) -> list[Any] | None:
        """What the present state does, None at an end."""
        return core.effect(self._made, self.at)

    @property
    def end(self) -> str | None:
        """The report state of an end, else None."""
        return core.end(self._made, self.at)

    @property
    def row(self) -> Mapping[str, Any]:
        """The present state's row."""
        found: Mapping[str, Any] = self._made["states"][self.at]
        return found

    def takes(self, event: str) -> bool:
        """Whether the present state has this event."""
        return event in self.row.get("on", {})

    def step(self, event: str) -> str:
        """Take an event; the state then."""
        if event not in core.EVENTS or not self.takes(event):
            raise ProgramError(f"The state {self.at!r} has no event {event!r}.")
        if self._model is None:  # not before it is needed: the first step is already at work meanwhile
            self._model = self._machine()
        try:
            self._model.trigger(Event[event].value)  # type: ignore[attr-defined]
        except (MachineError, AttributeError) as error:
            raise ProgramError(f"The state {self.at!r} cannot take {event!r}: {error}.") from None
        return self._at

    def _machine(self) -> _Model:
        """The machine in the present state; its states are s0, s1, …, so that no name becomes an attribute."""
        names, moves = _table(self._made)
        alias = {name: f"s{number}" for number, name in enumerate(names)}

        def entered() -> None:
            self._at = names[int(model.at[1:])]  # type: ignore[attr-defined]

        model = _Model()
        Machine(model, states=list(alias.values()), initial=alias[self._at], auto_transitions=False,
                transitions=[[event, alias[state], alias[target]] for event, state, target in moves],
                model_attribute="at", after_state_change=entered)
        return model


def draw(made: Mapping[str, Any], title: str) -> str:
    """A Mermaid state diagram of a Program, drawn from the machine that runs it."""
    core.check(made)
    names, moves = _table(made)
    model = _Model()
    GraphMachine(model, states=names, initial=made["initial"], transitions=moves, auto_transitions=False,
                 graph_engine="mermaid", title=f"title: {json.dumps(title, ensure_ascii=False)}", model_attribute="at")
    drawn: str = model.get_graph().draw(None)  # type: ignore[attr-defined]
    return drawn


class HandsError(LocalError):
    """A driver that hangs in too many calls to be given another."""


class Hands:
    """Calls to one driver, in the order they are asked for, in a thread that never keeps the process alive."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] | None = None
        self._thread: threading.Thread | None = None
        self._left: list[threading.Thread] = []

    def begin(self, function: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """Let the thread do `function(*args)` now; what it gives, or raises, is the future's."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._left = [thread for thread in self._left if thread.is_alive()]
        if len(self._left) >= LEFT_MAX:
            done.set_exception(HandsError(f"The driver of {self._name} hangs in {LEFT_MAX} calls; it gets no more."))
            return done

        def settle(value: T | None, error: BaseException | None) -> None:
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(value)  # type: ignore[arg-type]

        def work() -> None:
            if done.cancelled():  # it is too late: nobody expects it to be done any more
                return
            value, failed = None, None
            try:
                value = function(*args)
            except BaseException as error:
                failed = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, value, failed)

        self._queue().put(work)
        return done

    async def within(self, timeout_s: float, done: asyncio.Future[T]) -> T:
        """What has begun, or TimeoutError after `timeout_s` of real time: it may still act."""
        try:
            async with asyncio.timeout(timeout_s):
                return await done
        except TimeoutError:
            log.warning("%s has not answered for %g s; it is left behind.", self._name, timeout_s)
            self._leave_behind()
            raise

    async def do(self, function: Callable[..., T], *args: Any, timeout_s: float) -> T:
        """Both in one."""
        return await self.within(timeout_s, self.begin(function, *args))

    def stop(self) -> None:
        """Let the thread end after what it is doing; the next call gets another."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None

    def _leave_behind(self) -> None:
        """What waits behind a call that hangs goes on in another thread."""
        jobs, thread = self._jobs, self._thread
        if jobs is None or thread is None:
            return
        waiting = []
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.append(jobs.get_nowait())
        self.stop()
        self._left.append(thread)
        for job in waiting:
            self._queue().put(job)

    def _queue(self) -> queue.SimpleQueue[Callable[[], None] | None]:
        if self._jobs is None:
            self._jobs = queue.SimpleQueue()
            self._thread = threading.Thread(target=_work, args=(self._jobs,), name=self._name, daemon=True)
            self._thread.start()
        return self._jobs


def _work(jobs: queue.SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()

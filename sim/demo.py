"""The demo: scenes from scenario.toml played in a simulated house, each outcome checked on the devices themselves.

A step of a scene is a row of STEPS: a function that acts or waits, and raises Wrong with one sentence when what came
is not what had to. Whatever a device shows that no scene asked for is wrong too."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.live import Live
from rich.table import Table

from firmware_py.core.errors import LocalError, RemoteError
from sim.audience import Observer, Person
from sim.house import COORDINATOR, House
from sim.show import Scene

SCENARIO = Path(__file__).with_name("scenario.toml")
READY_TIMEOUT_S = 60.0
ANSWER_TIMEOUT_S = 15.0
COMES_TIMEOUT_S = 5.0
# How long something that must not happen is given to happen.
STILL_S = 0.4


class ScriptError(LocalError):
    """A file of scenes that cannot be played."""


class Wrong(RemoteError):
    """An outcome that is not the right one; one sentence."""


@dataclass
class Outcome:
    """What came of one scene."""

    covers: str
    said: str
    answer: str
    seconds: float
    wrong: str | None


@dataclass
class Stage:
    """Everything a step may use."""

    house: House
    observer: Observer
    person: Person
    scene: Scene
    drifting: frozenset[str]
    order: str = ""
    said: str = ""
    answer: str = ""
    question: dict[str, Any] = field(default_factory=dict)
    before: dict[tuple[str, str], Any] = field(default_factory=dict)
    heard_before: int = 0
    meant: set[tuple[str, str]] = field(default_factory=set)


def _prop(name: str) -> tuple[str, str]:
    thing, _, prop = name.partition("/")
    return thing, prop


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool) or not isinstance(wanted, (int, float)):
        return bool(value == wanted)
    return isinstance(value, (int, float)) and abs(value - wanted) < 1e-6


async def _say(stage: Stage, step: dict[str, Any]) -> None:
    stage.said = f"{stage.said} · {step['say']}" if stage.said else step["say"]
    fields = {"text": step["say"], **({"room": step["room"]} if "room" in step else {})}
    order = await _send(stage, fields)
    stage.order = order


async def _send(stage: Stage, fields: dict[str, Any]) -> str:
    order = fields.get("id") or f"scene-{time.monotonic_ns():x}"
    if "text" in fields:
        stage.scene.said(order, fields["text"])
    return await stage.person.send(**{**fields, "id": order})


async def _result(stage: Stage, step: dict[str, Any]) -> None:
    reply = await stage.person.reply(stage.order, "result", "error", "question", timeout_s=ANSWER_TIMEOUT_S,
                                     after=stage.question.get("_seen", 0))
    if reply is None:
        raise Wrong("No answer came.")
    stage.answer = reply.get("reply") or reply.get("reason") or reply.get("text") or ""
    got = reply.get("status") if reply["kind"] == "result" else reply["kind"]
    if got != step["result"]:
        raise Wrong(f"The answer is '{got}', not '{step['result']}': {stage.answer}")


async def _tells(stage: Stage, step: dict[str, Any]) -> None:
    value = stage.observer.values.get(_prop(step["tells"]))
    if value is None or str(value) not in stage.answer:
        raise Wrong(f"The device reports {value}, the answer is: {stage.answer}")


async def _now(stage: Stage, step: dict[str, Any]) -> None:
    stage.meant.update(_prop(name) for name in step.get("may", ()))
    for name, wanted in step["now"].items():
        key = _prop(name)
        stage.meant.add(key)

        def come(key: tuple[str, str] = key, wanted: Any = wanted) -> bool | None:
            return True if _equal(stage.observer.values.get(key), wanted) else None

        if not await stage.observer.until(come, COMES_TIMEOUT_S):
            raise Wrong(f"{name} should be {wanted}, and is {stage.observer.values.get(key)}.")


async def _rises(stage: Stage, step: dict[str, Any]) -> None:
    key = _prop(step["rises"])
    stage.meant.add(key)
    low, high = step["by"]

    def risen() -> bool | None:
        change = stage.observer.values[key] - stage.before[key]
        return True if low <= change <= high else None

    if not await stage.observer.until(risen, COMES_TIMEOUT_S):
        raise Wrong(f"{step['rises']} was {stage.before[key]} and is {stage.observer.values[key]}.")


async def _still(stage: Stage, step: dict[str, Any]) -> None:
    wanted = {_prop(name): value for name, value in step["still"].items()}

    def moved() -> tuple[str, str] | None:
        return next((key for key, value in wanted.items() if not _equal(stage.observer.values.get(key), value)), None)

    key = await stage.observer.until(moved, STILL_S)
    if key is not None:
        raise Wrong(f"{'/'.join(key)} should still be {wanted[key]}, and is {stage.observer.values.get(key)}.")


async def _armed(stage: Stage, step: dict[str, Any]) -> None:
    await _result(stage, {"result": "ok"})
    new = stage.observer.reports[stage.heard_before:]
    missing = set(step["armed"]) - {heard.thing for heard in new if heard.report.state == "armed"}
    if missing:
        raise Wrong(f"Not armed: {', '.join(sorted(missing))}. {stage.answer}")


async def _world(stage: Stage, step: dict[str, Any]) -> None:
    for name, value in step["world"].items():
        thing, prop = _prop(name)
        stage.meant.add((thing, prop))
        await stage.house.put(thing, prop, value)
        stage.scene.note(f"{thing} sees {prop} = {str(value).lower()}")

        def shown(key: tuple[str, str] = (thing, prop), value: Any = value) -> bool | None:
            return True if _equal(stage.observer.values.get(key), value) else None

        if not await stage.observer.until(shown, COMES_TIMEOUT_S):
            raise Wrong(f"{name} does not show {value}.")


async def _advance_s(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note(f"{step['advance_s']} seconds pass")
    await stage.house.advance(step["advance_s"])


async def _advance_to(stage: Stage, step: dict[str, Any]) -> None:
    zone = ZoneInfo(stage.house.world.zone)
    now = datetime.datetime.fromtimestamp(stage.house.now_ms() / 1000, zone)
    hour, minute = map(int, step["advance_to"].split(":"))
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if then <= now:
        then += datetime.timedelta(days=1)
    stage.scene.note(f"the clock moves to {then:%A %H:%M}")
    await stage.house.advance((then.timestamp() - now.timestamp()), slice_s=30)


async def _question(stage: Stage, step: dict[str, Any]) -> None:
    reply = await stage.person.reply(stage.order, "question", "result", "error", timeout_s=ANSWER_TIMEOUT_S)
    if reply is None:
        raise Wrong("No question came.")
    if reply["kind"] != "question" or reply.get("type") != step["question"]:
        raise Wrong(f"Not asked back ({step['question']}), but: {reply.get('reply') or reply.get('text')}")
    stage.question = {**reply, "_seen": len(stage.person.replies[stage.order])}


async def _answer(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note(f"you answer: {step['answer']}")
    await _send(stage, {"id": stage.question["question"], "answer": step["answer"]})


async def _confirm(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note("you say yes to exactly that plan")
    await _send(stage, {"id": stage.question["question"], "confirm": stage.question["plan"]})


async def _cancel(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note("you cancel it")
    await _send(stage, {"cancel": stage.order})

    def cancelled() -> bool | None:
        new = stage.observer.reports[stage.heard_before:]
        return True if any(heard.report.state == "cancelled" for heard in new) else None

    if not await stage.observer.until(cancelled, ANSWER_TIMEOUT_S):
        raise Wrong("No device reported that it cancelled.")


async def _kill(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note(f"kill -9 of the agent {step['kill']}")
    await stage.house.agents[step["kill"]].kill()
    if not await stage.observer.until(lambda: stage.observer.hosts.get(step["kill"]) == "lost" or None, 10):
        raise Wrong(f"Nobody said that {step['kill']} is lost.")


async def _start(stage: Stage, step: dict[str, Any]) -> None:
    stage.scene.note(f"the agent {step['start']} starts again")
    await stage.house.start(stage.house.agents[step["start"]])
    if not await stage.observer.until(lambda: stage.observer.hosts.get(step["start"]) == "ready" or None, 15):
        raise Wrong(f"{step['start']} did not come back.")


STEPS: dict[str, Callable[[Stage, dict[str, Any]], Awaitable[None]]] = {
    "say": _say, "result": _result, "tells": _tells, "now": _now, "rises": _rises, "still": _still, "armed": _armed,
    "world": _world, "advance_s": _advance_s, "advance_to": _advance_to, "question": _question, "answer": _answer,
    "confirm": _confirm, "cancel": _cancel, "kill": _kill, "start": _start,
}


async def ready(house: House) -> None:
    """Return once the house is ready; Wrong if it does not get there."""
    async with audience(house) as (observer, person):
        await wait_ready(house, observer, person)


@contextlib.asynccontextmanager
async def audience(house: House) -> AsyncIterator[tuple[Observer, Person]]:
    """An observer and the person of this house, connected."""
    url, site, person = house.broker.url, house.world.site, house.world.person
    async with Observer(url, site, house.passwords[COORDINATOR]) as observer, \
            Person(url, site, person, house.passwords[person]) as asking:
        yield observer, asking


async def wait_ready(house: House, observer: Observer, person: Person) -> None:
    """Return once every host is ready and the coordinator knows every Thing; Wrong or ChildError with why not."""
    watching = asyncio.create_task(house.watch(), name="watch the processes")
    waiting = asyncio.create_task(_until_ready(house, observer, person), name="wait until ready")
    try:
        await asyncio.wait((watching, waiting), return_when=asyncio.FIRST_COMPLETED)
        if watching.done() and not waiting.done():
            watching.result()
        await waiting
    finally:
        watching.cancel()
        waiting.cancel()
        await asyncio.gather(watching, waiting, return_exceptions=True)


async def _until_ready(house: House, observer: Observer, person: Person) -> None:
    wanted = {entry["id"].split(":")[-1] for host in house.world.hosts for entry in host.things}

    def ready() -> bool | None:
        up = all(observer.hosts.get(host.name) == "ready" for host in house.world.hosts)
        return True if up and wanted <= set(observer.things) else None

    if not await observer.until(ready, READY_TIMEOUT_S):
        missing = [name for name in house.agents if observer.hosts.get(name) != "ready"]
        words = house.agents[missing[0]].last_words() if missing else ""
        raise Wrong(f"Not ready after {READY_TIMEOUT_S:.0f} s: {', '.join(missing) or 'Things'}.{words}")
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        order = await person.send(query="things")
        rows = await person.reply(order, "rows", "error", timeout_s=2)
        if rows is not None and len(rows.get("rows", ())) >= len(wanted):
            return
        await asyncio.sleep(0.1)
    raise Wrong(f"The coordinator does not know every Thing.{house.coordinator.last_words()}")


async def play(stage: Stage, scene: dict[str, Any]) -> Outcome:
    """Play one scene and judge it."""
    start = time.monotonic()
    stage.before = dict(stage.observer.values)
    stage.heard_before = len(stage.observer.reports)
    wrong = None
    try:
        for step in scene["do"]:
            kind = next(iter(step))
            await STEPS[kind](stage, step)
        await asyncio.sleep(0)
        for key, value in stage.observer.values.items():
            if key not in stage.meant and key[1] not in stage.drifting and not _equal(value, stage.before.get(key)):
                raise Wrong(f"{'/'.join(key)} changed from {stage.before.get(key)} to {value}; nobody asked for it.")
    except Wrong as error:
        wrong = str(error)
    return Outcome(scene["covers"], stage.said, stage.answer, time.monotonic() - start, wrong)


def read_script(path: Path = SCENARIO) -> dict[str, Any]:
    """Read a file of scenes, or ScriptError with one sentence."""
    try:
        script = tomllib.loads(path.read_text("utf-8"))
        kinds = {next(iter(step)) for scene in script["scene"] for step in scene["do"]}
        _ = script["drifting"], [scene["covers"] for scene in script["scene"]]
    except OSError as error:
        raise ScriptError(f"The scenes {path} cannot be read: {error.strerror}.") from None
    except KeyError as error:
        raise ScriptError(f"In the scenes {path}, {error} is missing.") from None
    except (TypeError, ValueError, StopIteration) as error:
        raise ScriptError(f"The scenes {path} are not right: {error}.") from None
    if unknown := sorted(kinds - set(STEPS)):
        raise ScriptError(f"The scenes {path} have a step {unknown[0]!r}; there are: {', '.join(sorted(STEPS))}.")
    return script


async def run(house: House, console: Console, script: dict[str, Any]) -> list[Outcome]:
    """Play every scene of `script` (`read_script`) in the running `house`, showing it on `console`."""
    outcomes = []
    async with audience(house) as (observer, person):
        await wait_ready(house, observer, person)
        console.print(f"{len(observer.hosts)} agents with {len(observer.things)} Things are ready, over "
                      f"{house.broker.kind} at {house.broker.url}.\n", highlight=False)
        for number, table in enumerate(script["scene"], 1):
            scene = Scene(number, len(script["scene"]), table["covers"])
            observer.on_report[:] = [scene.reported]
            person.on_reply[:] = [scene.replied]
            stage = Stage(house, observer, person, scene, frozenset(script["drifting"]))
            with Live(get_renderable=scene.render, console=console, refresh_per_second=12):
                outcome = await play(stage, table)
            if outcome.wrong:
                console.print(f"  [bold red]wrong[/]: {outcome.wrong}", highlight=False)
            console.print()
            outcomes.append(outcome)
    return outcomes


def summary(outcomes: list[Outcome]) -> Table:
    """The table at the end."""
    table = Table(title="What was asked, and what came of it", title_justify="left")
    for column in ("", "covers", "order", "answer", "s"):
        table.add_column(column, justify="right" if column == "s" else "left")
    for outcome in outcomes:
        mark = "[green]✓[/]" if outcome.wrong is None else "[red]✗[/]"
        table.add_row(mark, outcome.covers, outcome.said, outcome.wrong or outcome.answer, f"{outcome.seconds:.1f}")
    return table

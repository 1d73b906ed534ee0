"""`paraphrase`, `noisy`, `languages.de|fr|es`: what people say in houses of our own, and the state that must follow.

`said/*.toml` has houses and, per house and kind of request, lines `wording / wording -> what must happen`, where
`[room]` in front tells where the speaker is. What happens is done to simulated devices, and their states are compared,
so that every way to the same state counts; a call that changes nothing does no harm, nor does it to say no to words
that ask for nothing ("I am on the phone"). Needs no model."""

from __future__ import annotations

import itertools
import json
import re
import time
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from coordinator.house import House
from device_agent.drivers import simulated
from device_agent.thing import Device, DriverError
from firmware_py.core.errors import SchemaError
from ontology.description import read
from sim.sets import said_things
from sim.sets.frozen import check
from sim.sets.said_wants import Rule, SetError, Want, wants

SETS = ("paraphrase", "noisy", "languages.de", "languages.fr", "languages.es")
# Houses that several sets share.
_SHARED = "houses"
# How far a moment may be from the one that was meant, and how long a sentence may take: seconds.
_LATE_S = 90
_WEEK = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
_SIDES = {"ge": "gt", "le": "lt"}
Run = Callable[[str, str | None, House, Mapping[str, Mapping[str, Any]]], Awaitable[dict[str, Any]]]
States = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One sentence in one house. `things`: rows of the file; `want`: what must happen, as `said_wants.Want` tells."""

    name: str
    kind: str
    things: tuple[Any, ...]
    room: str | None
    sentence: str
    want: str

    @property
    def refused(self) -> bool:
        """Whether nothing may happen, by every reading."""
        return all(want.nothing for want in wants(self.want))


# Reading a set


def cases(name: str) -> list[Case]:
    """The cases of a set, as they were frozen; LocalError if they are not."""
    found = cases_unchecked(name)
    check(name, found)
    return found


def cases_unchecked(name: str) -> list[Case]:
    """The cases of a set as the file has them: for whoever freezes them."""
    if name not in SETS:
        raise SetError(f"There is no set '{name}'; the sets are {', '.join(SETS)}.")
    table = _table(name.rpartition(".")[2])
    houses = {**_table(_SHARED)["house"], **table.get("house", {})}
    return [case for house, kinds in table["said"].items()
            for case in _cases(f"{name}.{house}", tuple(houses[house]["things"]), kinds)]


@lru_cache(maxsize=8)
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("sim.sets").joinpath("said", f"{name}.toml").read_text("utf-8"))


def _cases(name: str, things: tuple[Any, ...], kinds: Mapping[str, str]) -> Iterable[Case]:
    for kind, lines in kinds.items():
        number = itertools.count(1)
        for line in filter(None, map(str.strip, lines.splitlines())):
            said, arrow, want = line.partition(" -> ")
            if not arrow:
                raise SetError(f"The line {line!r} of {name} does not say what must happen.")
            for wording in said.split(" / "):
                place = re.match(r"\[([^]]+)\] *(.*)", wording)
                room, sentence = place.groups() if place else (None, wording)
                yield Case(f"{name}.{kind}.{next(number)}", kind, things, room, sentence.strip(), want.strip())


# Houses


def devices(things: Iterable[Any]) -> dict[str, Device]:
    """The devices of a house as they are before anybody speaks, by the short name of the file."""
    return {row[0]: _device(*row) for row in things}


def _device(name: str, driver: str, title: str, room: str, floor: str, options: Mapping[str, Any]) -> Device:
    made: Any = getattr(said_things, driver, None) or getattr(simulated, driver)
    now = {key: value for key, value in options.items() if key not in ("kind", "about")}
    return Device(made(**now), id=urn(name), title=title, room=room or None, floor=floor or None,
                  description=options.get("about"), kind=options.get("kind"))


def urn(name: str) -> str:
    """The id of a Thing of these houses."""
    return f"urn:said:{name}"


def house_of(case: Case) -> House:
    """The house of a case, as the coordinator sees it."""
    return House.of(read(device.td) for device in devices(case.things).values())


def state_of(found: Mapping[str, Device]) -> States:
    """{Thing id: {property: value}}."""
    return {device.thing.id: {name: device.read(name) for name in device.td["properties"]}
            for device in found.values()}


def _after(case: Case, calls: Iterable[Mapping[str, Any]], other: bool = False) -> States | None:
    """The house when these calls were made; None if one cannot be. `other`: starting from other values than it has, so
    that a rule's calls are compared by what they do in a house that is not yet as they make it."""
    rows, made = {urn(row[0]): row for row in case.things}, dict[str, Device]()
    try:
        for call in calls:
            thing = call["thing"] if ":" in call["thing"] else urn(call["thing"])
            if thing not in made:
                made[thing] = _device(*rows[thing])
                if other:
                    _turn_over(made[thing])
            if "action" in call:
                made[thing].call(call["action"], call.get("input") or {})
            else:
                made[thing].write(call["property"], call.get("value"))
    except (DriverError, SchemaError, KeyError):
        return None
    untouched = _before(json.dumps(case.things), other)
    return {**{thing: dict(state) for thing, state in untouched.items()}, **_plain_states(made)}


@lru_cache(maxsize=64)
def _before(things: str, other: bool) -> States:
    found = devices(json.loads(things))
    if other:
        for device in found.values():
            _turn_over(device)
    return _plain_states(found)


def _plain_states(found: Mapping[str, Device]) -> States:
    return {thing: {name: _plain(value) for name, value in state.items()} for thing, state in state_of(found).items()}


def possible(case: Case, calls: Iterable[Mapping[str, Any]]) -> bool:
    """Whether these calls can be made in the house of a case."""
    return _after(case, calls) is not None


def _turn_over(device: Device) -> None:
    """Every value of a device becomes another one that its description allows."""
    for name, schema in device.td["properties"].items():
        now = device.read(name)
        if schema["type"] == "boolean":
            device.put(name, not now)
        elif "enum" in schema:
            device.put(name, next(one for one in schema["enum"] if one != now))
        elif schema["type"] in ("integer", "number"):
            low = schema.get("minimum", 0)
            device.put(name, low + 1 if now != low + 1 else low + 2)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    return round(value, 3) if isinstance(value, float) else value


# Scoring


def right(case: Case, row: Mapping[str, Any], now_ms: int | None = None) -> bool:
    """Whether a record of `motewise plan` is one of the ways to be right. `now_ms`: when it was said, UTC."""
    return not failure(case, row, now_ms)


def failure(case: Case, row: Mapping[str, Any], now_ms: int | None = None) -> str:
    """The kind of a failure, without its words; "" if all is right."""
    now_ms = int(time.time() * 1000) if now_ms is None else now_ms
    found = [_failure(case, want, row, now_ms) for want in wants(case.want)]
    return "" if "" in found else found[0]


def _failure(case: Case, want: Want, row: Mapping[str, Any], now_ms: int) -> str:
    did = bool(row["calls"] or row["reads"] or row["guards"])
    asked = row["status"] == "clarify"
    if want.nothing:
        if did:
            return "did what must be refused"
        if want.ask:
            return "" if asked else "did not ask back"
        if want.refuse:
            return "" if asked or row["rejected"] else "did not say no"
        return "asked back for nothing" if asked else ""
    if asked:
        return "asked back"
    if not did:
        return "refused"
    if want.refuse and not row["rejected"]:
        return "did not refuse a part"
    if {(urn(thing), name) for thing, name in want.reads} != {(one["thing"], one["property"]) for one in row["reads"]}:
        return "acted, not read" if not row["reads"] else "read another property"
    why = _wrong_rules(case, want, row, now_ms) or _wrong_state(case, want, row)
    return "refused a part" if why and row["rejected"] and not want.refuse else why


def _wrong_state(case: Case, want: Want, row: Mapping[str, Any]) -> str:
    before, expected, found = _after(case, ()), _after(case, want.calls), _after(case, row["calls"])
    if before is None or expected is None:
        raise SetError(f"What {case.name} expects cannot be done in its house.")
    if found is None:
        return "a call that cannot be"
    for thing, name, side in want.trends:
        if (found[urn(thing)][name] - before[urn(thing)][name]) * side <= 0:
            return "not changed that way"
        expected[urn(thing)][name] = found[urn(thing)][name]
    if expected == found:
        return ""
    should = {thing for thing in before if before[thing] != expected[thing]}
    changed = {thing for thing in before if before[thing] != found[thing]}
    if should == changed:
        return "another value or function"
    return f"{'too many' if changed > should else 'too few' if changed < should else 'other'} Things changed"


def _wrong_rules(case: Case, want: Want, row: Mapping[str, Any], now_ms: int) -> str:
    given: list[tuple[Mapping[str, Any], list[Any]]] = []
    for guard in row["guards"]:
        same = next((calls for when, calls in given if when == guard["when"]), None)
        if same is None:
            given.append((guard["when"], list(guard["calls"])))
        else:
            same += guard["calls"]
    if not given or not want.rules:
        return "kept no rule" if want.rules else "kept a rule" if given else ""
    if len(given) != len(want.rules):
        return "another number of rules"
    for rule in want.rules:
        at = next((at for at, (when, _) in enumerate(given) if _same_condition(rule, when, now_ms)), None)
        if at is None:
            return "another condition"
        calls = given.pop(at)[1]
        if bool(calls) != bool(rule.calls):
            return "told, not acted" if rule.calls else "acted, not told"
        for other in (True, False):
            expected = _after(case, rule.calls, other)
            if expected is None:
                raise SetError(f"The rule that {case.name} expects cannot act in its house.")
            if _after(case, calls, other) != expected:
                return "a rule does something else"
    return ""


def _same_condition(rule: Rule, when: Mapping[str, Any], now_ms: int) -> bool:
    joined = "any" if "any" in when else "all"
    parts = list(_leaves(when, joined))
    if len(parts) != len(rule.conditions) or (len(parts) > 1 and (joined == "any") != rule.any):
        return False
    return all(any(_same_leaf(wanted, part, now_ms) for part in parts) for wanted in rule.conditions)


def _leaves(when: Mapping[str, Any], joined: str) -> Iterable[Mapping[str, Any]]:
    if joined in when:
        for part in when[joined]:
            yield from _leaves(part, joined)
    else:
        yield when


def _same_leaf(wanted: tuple[Any, ...], part: Mapping[str, Any], now_ms: int) -> bool:
    if wanted[0] == "at":
        days = frozenset(part.get("days") or ())
        if "at_ms" in part:
            return not wanted[2] and time.strftime("%H:%M", time.gmtime(part["at_ms"] / 1000)) == wanted[1]
        return part.get("at") == wanted[1] and (days if days != _WEEK else frozenset()) == wanted[2]
    if wanted[0] == "in":
        return "at_ms" in part and abs((part["at_ms"] - now_ms) / 1000 - wanted[1]) <= _LATE_S
    if wanted[0] == "every":
        return bool(part.get("every_s") == wanted[1])
    thing, name, op, value, for_s = wanted
    if part.get("thing") != urn(thing) or part.get("property") != name or (part.get("for_s") or 0) != for_s:
        return False
    given, is_value = _SIDES.get(part["op"], part["op"]), part.get("value")
    if given == "ne" and isinstance(is_value, bool):
        given, is_value = "eq", not is_value
    return bool(given == op and _plain(is_value) == _plain(value))


async def measure(run: Run, name: str, limit: int | None = None) -> tuple[int, int, Counter[str]]:
    """(right, of, kinds of failure) of a set. `run`: sentence, room, house, state -> record; `limit`: only so many."""
    kinds: Counter[str] = Counter()
    houses: dict[str, tuple[House, States]] = {}
    chosen = cases(name)[:limit]
    for case in chosen:
        key = json.dumps(case.things)
        if key not in houses:
            houses[key] = house_of(case), state_of(devices(case.things))
        said_ms = int(time.time() * 1000)
        row = await run(case.sentence, case.room, *houses[key])
        if why := failure(case, row, said_ms):
            kinds[f"{case.kind}: {why}"] += 1
    return len(chosen) - kinds.total(), len(chosen), kinds

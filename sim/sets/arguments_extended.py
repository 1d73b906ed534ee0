"""`arguments.extended`: what people say to devices. Each of `arguments_devices.toml` is asked as much as the others;
one sentence in seven must be refused, about one in ten holds two or three orders.

A value that is reckoned is expected as near as its schema can hold it: half a unit for integers, 0.06 for numbers.
Sentences with several orders never refer back ("it"), and quote what is meant literally."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sim.sets.cases import Case, lists
from sim.sets.spelling import spelled

PER_DEVICE = 72
SEED = "arguments.extended 1"
_REFUSED, _SEVERAL = 1 / 7, 1 / 6
_SPELLED = 0.4
_JOINED = frozenset({"number", "float", "unit", "percent", "fraction", "enum", "colour", "boolean", "duration",
                     "relative", "text quoted", "arguments", "action argument", "action"})
# How much more often than others some kinds are asked, since their wordings are few or their errors dear.
_WEIGHTS = {"boolean": 0.4, "action": 0.5, "text": 2.0, "text quoted": 2.0, "colour": 1.6, "duration": 2.0,
            "percent": 2.5, "fraction": 1.5, "arguments": 1.5, "relative unit": 1.5, "action argument": 1.5}
_TRIES = 60


@dataclass(frozen=True)
class _Said:
    """One order in words, with the call it asks for (None: it must be refused)."""

    kind: str
    text: str
    call: dict[str, Any] | None
    spelt: bool


def make() -> list[Case]:
    """All cases, always the same."""
    cases: list[Case] = []
    for device in lists("arguments_devices")["device"]:
        luck, seen = Random(f"{SEED} {device['title']}"), set[str]()
        td = {"id": f"urn:test:{re.sub('[^a-z0-9]+', '-', device['title'].lower())}", "title": device["title"],
              "@type": device["type"], "properties": device["properties"], "actions": device.get("actions", {})}
        tries = 0
        while len(seen) < PER_DEVICE and tries < PER_DEVICE * _TRIES:
            tries += 1
            case = _case(luck, device, td, f"{td['id'].rpartition(':')[2]}-{len(seen):02}")
            if case is not None and case.sentence.lower() not in seen:
                seen.add(case.sentence.lower())
                cases.append(case)
    return cases


def _case(luck: Random, device: Mapping[str, Any], td: dict[str, Any], name: str) -> Case | None:
    present = {key: _present(luck, schema) for key, schema in td["properties"].items()}
    asks = device["ask"]
    if luck.random() < _REFUSED:
        ask = luck.choice([ask for ask in asks if ask["kind"].startswith("refuse")])
        said = _said(luck, ask, td, present)
        return None if said is None else Case(name, said.kind, td, _polite(luck, said), present, (), True)
    asks = [ask for ask in asks if not ask["kind"].startswith("refuse")]
    if luck.random() >= _SEVERAL:
        weights = [_WEIGHTS.get(ask["kind"], 1.0) for ask in asks]
        said = _said(luck, luck.choices(asks, weights)[0], td, present)
        if said is None or said.call is None:
            return None
        kind = f"{said.kind} spelled" if said.spelt else said.kind
        return Case(name, kind, td, _polite(luck, said), present, (said.call,))
    return _several(luck, asks, td, present, name)


def _several(
    luck: Random, asks: Sequence[Mapping[str, Any]], td: dict[str, Any], present: dict[str, Any], name: str,
) -> Case | None:
    """Two or three orders about different functions, or None if luck chose some that do not go together."""
    fit = [ask for ask in asks if ask["kind"] in _JOINED and not ask.get("alone")]
    count = luck.choice((2, 2, 3))
    if len(fit) < count:
        return None
    chosen = luck.sample(fit, count)
    said = [_said(luck, ask, td, present) for ask in chosen]
    targets = {ask.get("set") or ask["do"] for ask in chosen}
    calls = tuple(one.call for one in said if one is not None and one.call is not None)
    if len(targets) < count or len(calls) < count:
        return None
    texts = [one.text for one in said if one is not None]
    if any(text.startswith("!") or re.search(r"\bit\b", text) or not _is_order(text) for text in texts):
        return None
    shape = luck.choice(lists()["extended"]["two" if count == 2 else "three"])
    text = shape.format(**dict(zip("lmn", texts, strict=False)))
    sentence = _capital(text) + "." if luck.random() < 0.8 else text
    return Case(name, f"several-{count}", td, sentence, present, calls)


def _is_order(text: str) -> bool:
    """Whether the words can stand after "and": "volume to 40" or "moonlight level 3" would lean on what came before."""
    return not re.match(r"(?:fan|moonlight|jet|volume|cutting|ring|a little)\b", text)


def _said(luck: Random, ask: Mapping[str, Any], td: Mapping[str, Any], present: dict[str, Any]) -> _Said | None:
    """One wording of `ask`, with its slots filled; None if the present value does not allow it.

    May change `present`, so that what is asked stays within the range."""
    text, spelt = str(luck.choice(ask["say"])), False
    values: dict[str, Any] = {}
    for slot in ("x", "y"):
        word, value, was_spelt = _slot(luck, ask, slot, text)
        if word is not None:
            text = text.replace(f"{{{slot}}}", word).replace(f"{{{slot}#}}", word)
            values[slot], spelt = value, spelt or was_spelt
    if ask["kind"].startswith("refuse"):
        return _Said(ask["kind"], text, None, spelt)
    if "do" in ask:
        fields = td["actions"][ask["do"]].get("input", {}).get("properties", {})
        given = {name: _held(fields[name], values[slot]) for name, slot in ask.get("args", {}).items()}
        return _Said(ask["kind"], text, {"action": ask["do"], "input": given}, spelt)
    name = ask["set"]
    schema = td["properties"][name]
    value = _property_value(luck, ask, schema, values, present)
    return None if value is None else _Said(ask["kind"], text, {"property": name, "value": value}, spelt)


def _property_value(
    luck: Random, ask: Mapping[str, Any], schema: Mapping[str, Any], values: Mapping[str, Any], present: dict[str, Any],
) -> Any:
    """What the property should become, from what was said and, for changes, the present value (chosen to fit)."""
    name = ask["set"]
    if not {"change", "percent", "times", "vague"} & set(ask):
        return _held(schema, ask["value"] if "value" in ask else values["x"])
    low, high = schema["minimum"], schema["maximum"]
    for _ in range(_TRIES):
        now = present[name] if isinstance(present[name], (int, float)) else low
        if "vague" in ask:
            margin = (high - low) / 5
            if low + margin <= now <= high - margin:
                return {"above": now} if ask["vague"] > 0 else {"below": now}
        else:
            wanted = (now * ask["times"] if "times" in ask else now + ask["change"] * values["x"] if "change" in ask
                      else now * (1 + ask["percent"] * values["x"] / 100))
            if low <= wanted <= high and wanted != now and (schema["type"] != "integer" or wanted == int(wanted)):
                return _held(schema, wanted)
        present[name] = _present(luck, schema)
    return None


def _slot(luck: Random, ask: Mapping[str, Any], slot: str, text: str) -> tuple[str | None, Any, bool]:
    """(what is said, its value, whether a number was spelled); no words if `ask` has no such slot."""
    end = "" if slot == "x" else f"_{slot}"
    if f"pairs{end}" in ask:
        word, value = luck.choice(list(ask[f"pairs{end}"].items()))
        return word, {"one_of": value} if isinstance(value, list) else value, False
    if f"texts{end}" in ask:
        word = luck.choice(ask[f"texts{end}"])
        return word, word, False
    if slot not in ask:
        return None, None, False
    low, high, step = ask[slot]
    number = round(low + step * luck.randint(0, round((high - low) / step)), 4)
    number = int(number) if number == int(number) else number
    spelt = f"{{{slot}#}}" not in text and luck.random() < _SPELLED
    value = number * ask.get(f"factor{end}", 1) + ask.get(f"plus{end}", 0)
    return spelled(number, luck) if spelt else f"{number:g}", value, spelt


def _held(schema: Mapping[str, Any], value: Any) -> Any:
    """What is expected of a value: itself, or as near as the schema can hold it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    value = round(value, 6)
    if schema["type"] == "integer":
        return int(value) if value == int(value) else {"near": round(value, 3), "within": 0.5}
    return value if round(value, 2) == value else {"near": round(value, 3), "within": 0.06}


def _present(luck: Random, schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return luck.choice(schema["enum"])
    if schema["type"] == "boolean":
        return luck.random() < 0.5
    if schema["type"] == "string":
        return "#102030" if "pattern" in schema else "Hello"
    low, high = schema["minimum"], schema["maximum"]
    step = schema.get("multipleOf", 1 if high - low > 2 else 0.05)
    number = round(low + step * luck.randint(0, int((high - low) / step)), 2)
    return int(number) if schema["type"] == "integer" else number


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _polite(luck: Random, said: _Said) -> str:
    if said.text.startswith("!"):
        text = said.text[1:]
        return _capital(text) if luck.random() < 0.3 else _capital(text) + "."
    if said.kind == "text":
        shape = luck.choice(lists()["extended"]["polite_text"])
    else:
        shape = luck.choice(lists()["extended"]["polite"])
    if not _is_order(said.text):
        shape = luck.choice(("{s}", "{s}.", "{l}", "{s}, please."))
    if re.search(r"from now on$|please$|^let |^a little|\bto$|[”\"']$", said.text):
        shape = luck.choice(("{s}", "{l}", "Please {l}"))
    return str(shape.format(s=_capital(said.text), l=said.text))

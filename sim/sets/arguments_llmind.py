"""`arguments.llmind`: LLMind 2.0's recipe anew: 1,200 sentences each for 1 to 4 {ACTION, ATTRIBUTE, VALUE} triplets;
attributes are random letters, values integers in digits or spelled out, wordings from `arguments.toml`.

The Thing has the attributes of the sentence and up to six others, as properties, or (one Thing in four) as actions
`set_x` with one argument. Wordings, joiners and attributes that would read as one of their words never meet."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from sim.sets.cases import Case, lists
from sim.sets.spelling import spelled

EACH, MOST = 1200, 4
SEED = "arguments.llmind 1"
_ACTIONS, _OTHERS = 0.25, 6
_SPELLED = 0.45


def make() -> list[Case]:
    """The 4,800 cases, always the same."""
    luck = Random(SEED)
    cases: list[Case] = []
    for count in range(1, MOST + 1):
        seen: set[str] = set()
        while len(seen) < EACH:
            case = _case(luck, count, len(seen))
            if case.sentence not in seen:
                seen.add(case.sentence)
                cases.append(case)
    return cases


def _case(luck: Random, count: int, number: int) -> Case:
    names: list[str] = []
    while len(names) < count + _OTHERS:
        name = _attribute(luck)
        if name.lower() not in {other.lower() for other in names}:
            names.append(name)
    said, rest = names[:count], names[count:count + luck.randint(0, _OTHERS)]
    shape = "one" if count == 1 else luck.choice(("orders", "orders", "list", "list", "list", "respectively", "same"))
    values = [_value(luck, shape == "respectively") for _ in said]
    if shape == "same":
        values = values[:1] * count
    words = spelled_values(luck, values, shape == "respectively")
    sentence = _SHAPES[shape](luck, said, words)
    offered = luck.sample([*said, *rest], count + len(rest))
    title = luck.choice(("Device", "Unit", "Gadget", "Controller", "Module", "Machine"))
    td, calls = _thing(luck, title, offered, dict(zip(said, values, strict=True)))
    spelt = any(not word.isdigit() for word in words)
    return Case(f"llmind-{count}-{number:04}", f"{count} {shape}{' spelled' if spelt else ''}", td, sentence,
                dict.fromkeys(td.get("properties", {}), 0), tuple(calls))


def _attribute(luck: Random) -> str:
    """Two to five random letters that are no word of a wording."""
    while True:
        name = "".join(luck.choices(string.ascii_uppercase, k=luck.randint(2, 5)))
        if name.lower() not in _words_used():
            return name


def _value(luck: Random, short: bool) -> int:
    return luck.randint(0, 100) if short or luck.random() < 0.7 else luck.randint(101, luck.choice((999, 999, 9999)))


def spelled_values(luck: Random, values: Sequence[int], alike: bool) -> list[str]:
    """Digits or words. Alike where values stand side by side, since "one hundred and six" would be one or two."""
    if alike:
        spell = luck.random() < _SPELLED and all(value < 100 for value in values)
        return [spelled(value, luck).replace(" ", "-") if spell else str(value) for value in values]
    return [spelled(value, luck) if luck.random() < _SPELLED else str(value) for value in values]


def _one(luck: Random, names: Sequence[str], values: Sequence[str]) -> str:
    table = lists()["llmind"]
    said = luck.choice(table["one"]).format(a=names[0], v=values[0], d=luck.choice(table["devices"]))
    polite = luck.choice(table["polite"]) if said.split()[0].lower() in _verbs() else luck.choice(("{s}.", "{s}"))
    return polite.format(s=said[0].upper() + said[1:], l=said[0].lower() + said[1:])


def _orders(luck: Random, names: Sequence[str], values: Sequence[str]) -> str:
    table = lists()["llmind"]
    device = luck.choice(table["devices"])
    said = [luck.choice(table["orders"]).format(a=name, v=value, d=device)
            for name, value in zip(names, values, strict=True)]
    if len(said) == 2:
        text = luck.choice(table["between"]).join(said)
    else:
        text = luck.choice((", ", ", ", "; ")).join(said[:-1]) + luck.choice(table["before_last"]) + said[-1]
    return str(luck.choice(table["polite"]).format(s=text[0].upper() + text[1:], l=text))


def _list(luck: Random, names: Sequence[str], values: Sequence[str]) -> str:
    table = lists()["llmind"]
    entry, device = luck.choice(table["list"]), luck.choice(table["devices"])
    pair = luck.choice(entry["pair"])
    said = [pair.format(a=name, v=value, d=device) for name, value in zip(names, values, strict=True)]
    last = ", " if "=" in pair or ":" in pair or "->" in pair else luck.choice((" and ", " and ", ", and ", " plus "))
    text = str(entry["frame"]).format(list=", ".join(said[:-1]) + last + said[-1], d=device)
    return text[0].upper() + text[1:]


def _respectively(luck: Random, names: Sequence[str], values: Sequence[str]) -> str:
    table = lists()["llmind"]
    text = str(luck.choice(table["respectively"]["frames"]))
    return text.format(names=_and(names), values=_and(values), d=luck.choice(table["devices"]))


def _same(luck: Random, names: Sequence[str], values: Sequence[str]) -> str:
    table = lists()["llmind"]
    text = str(luck.choice(table["respectively"]["same"]))
    text = text.replace("both ", "all of ") if len(names) > 2 else text.replace(" all ", " both ")
    return text.format(names=_and(names), v=values[0], d=luck.choice(table["devices"]))


_SHAPES = {"one": _one, "orders": _orders, "list": _list, "respectively": _respectively, "same": _same}


def _and(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    """First words of wordings that are orders, which politeness fits."""
    return frozenset(text.split()[0].lower() for text in lists()["llmind"]["orders"]) | {
        "have", "key", "take", "see", "change", "modify", "specify", "reset", "establish", "set", "adapt"}


@lru_cache(maxsize=1)
def _words_used() -> frozenset[str]:
    luck = Random(0)
    numbers = " ".join(spelled(number, luck) for number in (*range(100), 1100, 0.5, -1))
    return frozenset(re.findall(r"[a-z]+", f"{lists()['llmind']} {numbers} a the percent half".lower()))


def _thing(
    luck: Random, title: str, names: Sequence[str], wanted: Mapping[str, int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(the description, the calls that give every wanted name its value, in the order said)"""
    rules: dict[str, Any] = {"type": "integer"}
    if luck.random() < 0.5:
        rules |= {"minimum": 0, "maximum": 10000}
    td: dict[str, Any] = {"id": f"urn:test:{title.lower()}", "title": title}
    if luck.random() >= _ACTIONS:
        td["properties"] = {name: {"title": name, **rules} for name in names}
        return td, [{"property": name, "value": value} for name, value in wanted.items()]
    alike = luck.random() < 0.5
    td["actions"] = {f"set_{name.lower()}": {"title": f"Set {name}", "input": {
        "type": "object", "properties": {_argument(name, alike): rules}, "required": [_argument(name, alike)],
    }} for name in names}
    return td, [{"action": f"set_{name.lower()}", "input": {_argument(name, alike): value}}
                for name, value in wanted.items()]


def _argument(name: str, alike: bool) -> str:
    return "value" if alike else name.lower()

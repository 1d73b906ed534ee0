"""LLMind's recipe anew, with wordings of our own: one to four values for attributes with random names, in one sentence.

Deterministic in its seed. A Thing takes them as properties, or as arguments of one action."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass
from typing import Any

from models.language.synthesis import spelled
from ontology.description import Thing, read

SINGLE = (
    "set {a} to {v}", "set the device's {a} to {v}", "change {a} to {v}", "make {a} {v}",
    "make the device's {a} work on {v}", "let {a} be {v}", "put {a} at {v}", "{a} to {v}", "{a} = {v}", "{a}: {v}",
    "{a} should be {v}", "give {a} a value of {v}", "give {a} the value {v}", "assign {v} to {a}",
    "use {v} for {a}", "use {v} as {a}", "put {v} into {a}", "apply {v} to {a}",
    "tweak the device's {a} parameter to {v}", "adjust the {a} setting to {v}", "configure {a} with {v}",
    "bring {a} to {v}", "dial {a} in at {v}", "i want {a} at {v}", "i would like {a} to be {v}",
    "{a} must become {v}", "have {a} run at {v}", "switch {a} over to {v}", "turn {a} to {v}",
    "update {a} so that it reads {v}", "pin {a} at {v}", "write {v} to {a}", "load {v} into {a}",
    "the value of {a} has to be {v}", "{a} gets {v}", "keep {a} at {v}", "ensure {a} equals {v}",
    "for {a} choose {v}", "fix {a} on {v}", "store {v} in {a}", "shift {a} to {v}", "please ensure that {a} is {v}",
    "make sure {a} is set to {v}", "move {a} to {v}", "enter {v} for {a}", "{v} for {a}",
    "modify the parameter {a} to {v}", "select {v} for the attribute {a}", "reconfigure {a} to be {v}",
    "tune {a} to {v}", "alter {a} to {v}", "establish {a} at {v}", "initialise {a} with {v}", "{a} needs to be {v}",
    "take {v} as the {a}",
)
JOINS = (" and ", ", ", ", and ", "; ", " and then ", ", then ", " as well as ", " plus ", ". ", ", and also ",
         " while ")
LEADS = ("", "", "", "please ", "could you ", "for this device, ", "on the unit ", "now ", "hey, ", "i need you to ")
TAILS = ("", "", "", " please", ".", "!", ", thanks", " now")


@dataclass(frozen=True)
class Told:
    thing: Thing
    text: str
    wanted: dict[str, int]


def name(rng: random.Random) -> str:
    letters = string.ascii_uppercase if rng.random() < 0.7 else string.ascii_lowercase
    return "".join(rng.choice(letters) for _ in range(rng.randint(3, 7)))


def number(rng: random.Random) -> tuple[str, int]:
    value = rng.choice((rng.randint(0, 20), rng.randint(0, 99), rng.randint(100, 999), rng.randint(0, 99)))
    return (spelled(value) if rng.random() < 0.5 else str(value)), value


def told(seed: int) -> Told:
    """One Thing and one sentence."""
    rng = random.Random(seed)
    names: list[str] = []
    while len(names) < 6:
        made = name(rng)
        if made.lower() not in {"set", "put", "the", "and", "for", *(one.lower() for one in names)}:
            names.append(made)
    said = rng.sample(names, rng.randint(1, 4))
    values = {one: number(rng) for one in said}
    joined = rng.choice(JOINS)
    same = rng.choice(SINGLE) if rng.random() < 0.3 else ""
    clauses = [(same or rng.choice(SINGLE)).format(a=one, v=values[one][0]) for one in said]
    text = rng.choice(LEADS) + joined.join(clauses) + rng.choice(TAILS)
    schema: dict[str, Any] = {"type": "integer"}
    td: dict[str, Any] = {"id": "urn:x:device", "title": "Device", "@type": "Device", "actions": {}, "properties": {}}
    if rng.random() < 0.5:
        td["properties"] = {one: dict(schema) for one in names}
    else:
        td["actions"] = {"configure": {"input": {"type": "object", "properties": {one: dict(schema) for one in names},
                                                 "required": said if rng.random() < 0.5 else []}}}
    return Told(read(td), text, {one: values[one][1] for one in said})


def values_of(calls: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Name -> value of what was called."""
    found: dict[str, Any] = {}
    for call in calls:
        found.update({call["property"]: call["value"]} if "property" in call else call["input"])
    return found

"""A Thing whose names and documentation are German, French, Spanish or Chinese, as its English double.

Rules: sentences are understood over the double, whose affordances, arguments and choices have English names; what
comes of it is told in the Thing's own names again. An English Thing has no double: nothing of it changes. A name that
no lexicon explains, or that would be another's, stays as it is. Pure; made once a Thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from device_agent.glossed import glossed
from models.language.tongues.naming import english_of, language_of_names
from ontology.description import Affordance, Field, Thing

_TEXTS = ("title", "description", "unit")


@dataclass(frozen=True)
class Double:
    """`thing`: in English; `own`: (op, English name) -> the Thing's own affordance, and its double."""

    thing: Thing
    own: Mapping[tuple[str, str], tuple[Affordance, Affordance]]

    def present(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The Thing's state under the double's names."""
        found = dict(state)
        for own, double in self.own.values():
            if own.op != "action" and own.name in state:
                found[double.name] = _other(state[own.name], own.fields[:1], double.fields[:1])
        return found

    def call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """A call of the double as one of the Thing."""
        if "property" in call:
            own, double = self.own["write", call["property"]]
            return {**call, "property": own.name, "value": _other(call.get("value"), double.fields, own.fields)}
        own, double = self.own["action", call["action"]]
        said = {**call, "action": own.name}
        if isinstance(given := call.get("input"), dict):
            pairs = {theirs.name: (mine, theirs) for mine, theirs in zip(own.fields, double.fields, strict=True)}
            said["input"] = {
                pairs[name][0].name if name in pairs else name:
                    _other(value, (pairs[name][1],), (pairs[name][0],)) if name in pairs else value
                for name, value in given.items()}
        elif "input" in call:
            said["input"] = _other(given, double.fields[:1], own.fields[:1])
        return said

    def read(self, name: str) -> str:
        """A property of the double as one of the Thing."""
        return self.own["read", name][0].name


def _other(value: Any, here: tuple[Field, ...], there: tuple[Field, ...]) -> Any:
    """A choice of one field as it is spelled in the other."""
    if not isinstance(value, str) or not here:
        return value
    choices, others = here[0].schema.get("enum"), there[0].schema.get("enum")
    return others[choices.index(value)] if choices and others and value in choices else value


@lru_cache(maxsize=512)
def double_of(thing: Thing) -> Double | None:
    """The English double of a Thing, or None if all of it is English."""
    doubles = in_english(thing.affordances)
    if doubles == thing.affordances:
        return None
    own = {(double.op, double.name): (one, double) for one, double in zip(thing.affordances, doubles, strict=True)}
    return Double(replace(thing, affordances=doubles), own)


@lru_cache(maxsize=512)
def in_english(affordances: tuple[Affordance, ...]) -> tuple[Affordance, ...]:
    """Affordances with English names and texts, in their order; the same if they are English."""
    hint = language_of_names(one.name for one in affordances)
    names = _names((one.name for one in affordances), hint)
    made = tuple(_affordance(one, names, hint) for one in affordances)
    return affordances if made == affordances else tuple(map(_glossed, affordances, made))


def _names(own: Iterable[str], hint: str | None) -> dict[str, str]:
    """A name -> its English, no two alike."""
    given = list(dict.fromkeys(own))
    found: dict[str, str] = {}
    for name in given:
        english = english_of(name, hint)
        joined = "_".join(english.split()) if english else name
        found[name] = name if joined in found.values() or (joined in given and joined != name) else joined
    return found


def _affordance(one: Affordance, names: Mapping[str, str], hint: str | None) -> Affordance:
    slots = _names((field.name for field in one.fields), hint) if len(one.fields) else {}
    fields = tuple(_field(field, slots, hint) for field in one.fields)
    return replace(one, name=names[one.name], title=_text(one.title, hint), description=_text(one.description, hint),
                   fields=fields, affects=names.get(one.affects or "", one.affects))


def _glossed(own: Affordance, made: Affordance) -> Affordance:
    """With the English of single words besides, for what the lexicons leave out."""
    return replace(made, title=f"{made.title} {glossed(own.name)}".strip(),
                   description=f"{made.description} {glossed(own.description)}".strip())


def _field(field: Field, names: Mapping[str, str], hint: str | None) -> Field:
    schema = dict(field.schema)
    choices = schema.get("enum")
    if isinstance(choices, list) and all(isinstance(choice, str) for choice in choices):
        schema["enum"] = list(_choices(choices, hint))
    for key in _TEXTS:
        if isinstance(schema.get(key), str):
            schema[key] = _text(schema[key], hint)
    return replace(field, name=names.get(field.name, field.name), schema=schema)


def _choices(choices: list[str], hint: str | None) -> list[str]:
    said = [english_of(choice, hint) or choice for choice in choices]
    return said if len(set(said)) == len(said) else choices


def _text(text: str, hint: str | None) -> str:
    return (english_of(text, hint) or text) if text else text

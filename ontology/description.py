"""Thing Descriptions: checked once at the door, then one immutable `Thing` for everybody.

Does: read a W3C Thing Description (or the shorter form that `motewise plan` takes), list its affordances,
say which of them are risky. Does not: store (registry), ask (queries), understand language."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from firmware_py.core import topics
from firmware_py.core.errors import MessageError, RemoteError

NAME_MAX = 100
TITLE_MAX = 100
TEXT_MAX = 500
AFFORDANCES_MAX = 200
_DATA_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")


class DescriptionError(RemoteError):
    """A Thing Description that cannot be taken in."""


@dataclass(frozen=True)
class Field:
    """One argument: its name ("" when the input is not an object) and its data schema."""

    name: str
    schema: dict[str, Any] = field(hash=False)
    required: bool = True


@dataclass(frozen=True)
class Affordance:
    """One thing that a Thing offers. `op`: `action`, `write` (a property) or `read` (a property).

    `affects`: the property that it changes, if known (an action may name it with `motewise:affects`);
    `risky`: acting needs the person's yes; `idempotent`: doing it twice is the same as once."""

    op: str
    name: str
    title: str
    description: str
    fields: tuple[Field, ...] = ()
    affects: str | None = None
    risky: bool = False
    idempotent: bool = False
    max_age_s: float | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the value (reads, writes and actions whose input is no object)."""
        return self.fields[0].schema if self.fields else {}


@dataclass(frozen=True)
class Thing:
    """A checked Thing Description. `segment` is its topic level; `host` is set once it is on the wire."""

    id: str
    segment: str
    title: str
    description: str
    kinds: tuple[str, ...]
    room: str | None
    floor: str | None
    affordances: tuple[Affordance, ...]
    td: dict[str, Any] = field(repr=False, hash=False, compare=False)
    host: str | None = None

    def affordance(self, op: str, name: str) -> Affordance | None:
        """The affordance of that op and name, or None."""
        for candidate in self.affordances:
            if candidate.op == op and candidate.name == name:
                return candidate
        return None

    @property
    def guarded(self) -> bool:
        """Whether this Thing keeps people out (a lock, a door that opens, an alarm)."""
        words = _kind_words(self.kinds, self.title)
        if words & set(_risk()["harmless"]["kinds"]):
            return False
        acts = any(affordance.op != "read" for affordance in self.affordances)
        return acts and bool(words & set(_risk()["guarded"]["kinds"]))


@lru_cache(maxsize=1)
def _risk() -> dict[str, Any]:
    return tomllib.loads(resources.files("ontology").joinpath("risk.toml").read_text("utf-8"))


def words_of(text: str) -> list[str]:
    """Lower-case words of a name in any writing: `setBrightness`, `turn_on`, `Hall lamp` -> [set, brightness], …"""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [word.lower() for word in re.findall(r"[^\W_]+", spaced)]


@lru_cache(maxsize=4096)
def _meanings(word: str) -> frozenset[str]:
    """A word, and the words of risk.toml that it means in other languages."""
    found = {word}
    for english, others in _risk()["same"].items():
        for other in others:
            ends = other[0] == "*" and word.endswith(other[1:])
            if word == other or ends or (other[0] >= "\u4e00" and other in word):
                found.add(english)
    return frozenset(found)


def _meant(words: Iterable[str]) -> set[str]:
    return {meaning for word in words for meaning in _meanings(word)}


def _kind_words(kinds: tuple[str, ...], title: str) -> set[str]:
    return _meant(word for text in (*kinds, title) for word in words_of(text))


def is_risky(
    kinds: tuple[str, ...], title: str, op: str, name: str, label: str = "", fields: tuple[Field, ...] = (),
) -> bool:
    """Whether the table in risk.toml asks for a yes before this affordance acts. Reading never does.

    A lock may be opened by any name: what the values of `fields` mean counts too, and so does every yes or no that a
    Thing takes that keeps people out."""
    if op == "read":
        return False
    table, words = _risk(), _kind_words(kinds, title)
    if words & set(table["harmless"]["kinds"]):
        return False
    verbs = _meant((*words_of(name), *words_of(label)))
    for one in fields:
        if one.schema.get("type") == "boolean" and words & set(table["guarded"]["kinds"]):
            return True
        verbs |= set(table["values"].get(one.name or name, {}).values()) | _verbs_of(one.schema.get("enum", ()))
    return any(verbs & set(table["confirm"][kind]) for kind in words & set(table["confirm"]))


def _verbs_of(choices: Any) -> set[str]:
    """What choices such as "unlocked", "CLOSED" or "open" would do."""
    words = _meant(word for choice in choices if isinstance(choice, str) for word in words_of(choice))
    return words | {word[:end] for word in words if word.endswith("ed") for end in (-2, -1)}


def risky_verbs(thing: Thing) -> frozenset[str]:
    """The words that the table in risk.toml forbids without a yes for Things of this kind."""
    words = _kind_words(thing.kinds, thing.title)
    return frozenset(verb for kind in words & set(_risk()["confirm"]) for verb in _risk()["confirm"][kind])


def is_risky_value(thing: Thing, name: str, value: Any) -> bool:
    """Whether writing `value` to the property `name` needs a yes (locking does not, unlocking does)."""
    affordance = thing.affordance("write", name)
    if affordance is None or not affordance.risky:
        return False
    if thing.td["properties"][name].get("motewise:risk") == "confirm":
        return True
    verbs, meaning = risky_verbs(thing), _risk()["values"].get(name, {})
    key = str(value).lower() if isinstance(value, bool) else str(value)
    said: set[str] = set()
    if verbs & set(meaning.values()):  # else the table speaks of other Things: what it means here nobody knows
        said = {meaning[key]} if key in meaning else set()
    elif verbs & _verbs_of(affordance.schema.get("enum", ())):
        said = _verbs_of([value])
    return not said or bool(verbs & said)


def _text(value: Any, what: str, limit: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DescriptionError(f"The {what} of the Thing Description must be text.")
    cleaned = "".join(letter if letter.isprintable() else " " for letter in value)
    return " ".join(cleaned.split())[:limit]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _schema(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DescriptionError(f"The schema of '{what}' must be an object.")
    kind = value.get("type")
    if kind is not None and kind not in _DATA_TYPES:
        raise DescriptionError(f"The type of '{what}' must be one of: {', '.join(_DATA_TYPES)}.")
    for bound in ("minimum", "maximum", "multipleOf"):
        number = value.get(bound)
        if number is not None and not _is_number(number):
            raise DescriptionError(f"The {bound} of '{what}' must be a number.")
    if value.get("multipleOf", 1) is not None and value.get("multipleOf", 1) <= 0:
        raise DescriptionError(f"The multipleOf of '{what}' must be above 0.")
    if not isinstance(value.get("unit", ""), (str, type(None))):
        raise DescriptionError(f"The unit of '{what}' must be text.")
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None and low > high:
        raise DescriptionError(f"The minimum of '{what}' is above its maximum.")
    if "enum" in value and (not isinstance(value["enum"], list) or not value["enum"]):
        raise DescriptionError(f"The enum of '{what}' must be a list with at least one choice.")
    return value


def _input_fields(name: str, schema: Any) -> tuple[Field, ...]:
    if schema is None:
        return ()
    schema = _schema(schema, name)
    untyped = schema.get("type") is None and "properties" not in schema
    if schema.get("type") not in (None, "object") or (untyped and {"enum", "minimum", "maximum"} & set(schema)):
        return (Field("", schema),)
    inner = schema.get("properties", {})
    if not isinstance(inner, dict):
        raise DescriptionError(f"The input properties of '{name}' must be an object.")
    required = schema.get("required", list(inner))
    if not isinstance(required, list):
        raise DescriptionError(f"What '{name}' requires must be a list of names.")
    return tuple(Field(key, _schema(value, f"{name}.{key}"), key in required) for key, value in inner.items())


def _affordances(td: dict[str, Any], kinds: tuple[str, ...], title: str) -> tuple[Affordance, ...]:
    found = []
    actions, properties = td.get("actions") or {}, td.get("properties") or {}
    for group, what in ((actions, "actions"), (properties, "properties")):
        if not isinstance(group, dict) or not all(isinstance(inner, dict) for inner in group.values()):
            raise DescriptionError(f"The {what} of the Thing Description must be an object of objects.")
    for name in (*actions, *properties):
        if not 0 < len(name) <= NAME_MAX or not name.isprintable():
            raise DescriptionError(f"The name of an affordance must have 1 to {NAME_MAX} printable characters.")
    if len(actions) + len(properties) > AFFORDANCES_MAX:
        raise DescriptionError(f"A Thing may offer at most {AFFORDANCES_MAX} affordances.")
    for name, action in actions.items():
        label = _text(action.get("title"), f"title of {name}", TITLE_MAX)
        affects = action.get("motewise:affects")
        if affects is not None and affects not in properties:
            raise DescriptionError(f"The action '{name}' affects '{affects}', which is not a property of the Thing.")
        fields = _input_fields(name, action.get("input"))
        found.append(Affordance(
            op="action", name=name, title=label,
            description=_text(action.get("description"), f"description of {name}", TEXT_MAX),
            fields=fields, affects=affects,
            risky=action.get("motewise:risk") == "confirm" or is_risky(kinds, title, "action", name, label, fields),
            idempotent=action.get("idempotent") is True,
        ))
    for name, prop in properties.items():
        schema = _schema(prop, name)
        label = _text(prop.get("title"), f"title of {name}", TITLE_MAX)
        about = _text(prop.get("description"), f"description of {name}", TEXT_MAX)
        max_age = prop.get("motewise:maxAge")
        if max_age is not None and not (_is_number(max_age) and max_age > 0):
            raise DescriptionError(f"The motewise:maxAge of '{name}' must be a positive number of seconds.")
        if not prop.get("writeOnly"):
            found.append(Affordance("read", name, label, about, (Field("", schema),), name, max_age_s=max_age))
        if not prop.get("readOnly"):
            fields = (Field("", schema),)
            risky = prop.get("motewise:risk") == "confirm" or is_risky(kinds, title, "write", name, label, fields)
            found.append(Affordance("write", name, label, about, fields, name, risky, True))
    return tuple(found)


def read(td: Any, host: str | None = None) -> Thing:
    """A Thing Description (dict) -> Thing, or DescriptionError with one sentence.

    Text from a device is data: control characters go, titles end at 100 and descriptions at 500 characters."""
    if not isinstance(td, dict):
        raise DescriptionError("A Thing Description must be a JSON object.")
    if not isinstance(td.get("id"), str) or not td["id"]:
        raise DescriptionError("The Thing Description has no 'id'; give it a URN such as urn:motewise:hall-lamp.")
    try:
        segment = topics.thing_segment(td["id"].lower() if host is None else td["id"])
    except MessageError:
        if host is not None:
            raise DescriptionError(
                f"The last part of the id {td['id']!r} may only contain a-z, 0-9, '_' and '-'.") from None
        segment = re.sub(r"[^a-z0-9_-]+", "-", td["id"].lower())[-64:].strip("-") or "thing"
    kinds = td.get("@type") or ()
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds) if isinstance(kinds, (list, tuple)) else None
    if kinds is None or not all(isinstance(kind, str) for kind in kinds):
        raise DescriptionError("The @type of the Thing Description must be text or a list of texts.")
    title = _text(td.get("title"), "title", TITLE_MAX) or segment.replace("-", " ").replace("_", " ")
    room = _text(td.get("motewise:room"), "motewise:room", TITLE_MAX) or None
    floor = _text(td.get("motewise:floor"), "motewise:floor", TITLE_MAX) or None
    kinds = tuple(_text(kind, "@type", TITLE_MAX) for kind in kinds)
    return Thing(
        id=td["id"], segment=segment, title=title,
        description=_text(td.get("description"), "description", TEXT_MAX), kinds=kinds, room=room, floor=floor,
        affordances=_affordances(td, kinds, title), td=td, host=host,
    )

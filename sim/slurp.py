"""SLURP's home sentences (action and entities, said by people) against what a house was told to do.

SLURP has no house, so slurp_house.yaml is one. A sentence's action is right if all that was called means that action;
its frame, if besides every entity of the annotation shows in the calls: the rooms, the colour, the amount, the kind of
device, the time. A sentence without a place may mean any of the Things. Of sentences on other topics nothing may come.
Pure but for reading. Does not: understand sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from coordinator import phrases
from coordinator.house import House
from firmware_py.core.errors import LocalError
from models.language.words import normalise
from ontology.description import read
from ontology.home_assistant import Entity, Service, colour_name, describe, read_home, values_of

# Where the speaker is.
ROOM = "Living room"
HOME = "iot"
_COFFEE = "switch.coffee_machine"
_KINDS = ["coffee", "espresso", "cappuccino", "latte", "americano", "mocha"]
_TIMES = ("date", "time", "general_frequency", "timeofday")


class SlurpError(LocalError):
    """A file of sentences that cannot be used; one sentence."""


@dataclass(frozen=True)
class Row:
    """One sentence. `entities`: (type, text) as annotated."""

    sentence: str
    scenario: str
    action: str
    entities: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Act:
    """One call to one entity: the name of the action or property, and the value written to a property."""

    entity: Entity
    name: str
    value: Any = None
    given: Mapping[str, Any] | None = None


def read_rows(path: Path) -> list[Row]:
    """The rows of a file of JSON lines, or SlurpError."""
    rows = []
    try:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                entities = tuple((str(one["type"]), str(one["text"])) for one in row.get("entities", ()))
                rows.append(Row(str(row["sentence"]), str(row["scenario"]), str(row["action"]), entities))
    except OSError as error:
        raise SlurpError(f"The sentences {path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SlurpError(f"Each line of {path} must be JSON with sentence, scenario, action and entities.") from None
    return rows


# The house


class SlurpHouse:
    """The house in which the sentences are heard."""

    def __init__(self) -> None:
        with resources.as_file(resources.files("sim").joinpath("slurp_house.yaml")) as path:
            self.home = read_home(path)
        self.entities = {entity.thing: entity for entity in self.home}
        self.house = House.of(read(_described(entity)) for entity in self.home)
        self.state = {entity.thing: values_of(entity) for entity in self.home}

    def acts_of_calls(self, calls: Sequence[Mapping[str, Any]]) -> list[Act]:
        """What our calls do."""
        return [Act(self.entities[call["thing"]], str(call.get("action") or call["property"]), call.get("value"),
                    call.get("input")) for call in calls]

    def acts_of_services(self, services: Sequence[Service]) -> list[Act]:
        """What Home Assistant's services do."""
        entities = {entity.id: entity for entity in self.home}
        found = []
        for service in services:
            entity, data = entities[service.entity], service.data
            if "brightness_pct" in data:
                found.append(Act(entity, "brightness", data["brightness_pct"]))
            if "rgb_color" in data:
                found.append(Act(entity, "colour", colour_name(data)))
            if "color_temp_kelvin" in data:
                found.append(Act(entity, "colour_temperature", data["color_temp_kelvin"]))
            if not data:
                found.append(Act(entity, service.name.partition(".")[2]))
        return found

    # Scoring

    def action_is_right(self, row: Row, acts: Sequence[Act]) -> bool:
        """Whether all that was called means the action of the annotation."""
        meant = {self.action(act) for act in acts}
        if len(meant) > 1:
            meant.discard("hue_lighton")  # a light that is dimmed or coloured is on
        return meant == {row.action}

    def action(self, act: Act) -> str:
        """SLURP's name for a call."""
        if act.entity.domain == "light":
            if act.name == "brightness":
                return "hue_lightup" if act.value >= self.state[act.entity.thing]["brightness"] else "hue_lightdim"
            switched = {"turn_on": "hue_lighton", "turn_off": "hue_lightoff", "toggle": "hue_lightoff"}
            return switched.get(act.name, "hue_lightchange")
        if act.entity.id == _COFFEE:
            return "coffee" if act.name in ("turn_on", "make_coffee") else "wemo_off"
        if act.entity.domain == "switch":
            return "wemo_on" if act.name == "turn_on" else "wemo_off"
        return "cleaning" if act.name == "start" else "other"

    def frame_is_right(self, row: Row, acts: Sequence[Act], guarded: bool) -> bool:
        """Whether the action is right and every entity shows in the calls. `guarded`: they wait for a moment."""
        timed = any(kind in _TIMES for kind, _ in row.entities)
        return (self.action_is_right(row, acts) and guarded == timed
                and all(self._shows(kind, text, row, acts) for kind, text in row.entities))

    def _shows(self, kind: str, text: str, row: Row, acts: Sequence[Act]) -> bool:
        if kind == "house_place":
            rooms = self.rooms(" ".join(value for name, value in row.entities if name == "house_place"))
            if any(act.entity.domain == "vacuum" for act in acts):
                return rooms == self.rooms("house")  # it cannot be sent to a room
            return bool(rooms) and {act.entity.room for act in acts} == rooms
        if kind == "color_type":
            said = " ".join(text.lower().split())
            return any(act.value == said for act in acts if act.name == "colour")
        if kind == "change_amount":
            return all(self._amount(act, text) for act in acts if act.name == "brightness")
        if kind == "device_type":
            return all(self._called(act.entity, text) for act in acts)
        if kind == "coffee_type":
            return any((act.given or {}).get("kind") == text.lower() for act in acts)
        return kind in _TIMES

    def rooms(self, text: str) -> set[str]:
        """The rooms that a place means: all for "house", the speaker's for "room"; empty if there is no such room."""
        words = [token.word for token in phrases.tokens(text) if token.word not in phrases.words("words.determiner")]
        if set(words) & phrases.words("words.whole_home"):
            return {entity.room for entity in self.home if entity.room}
        if words == ["room"]:
            return {ROOM}
        named = self.house.room_named(" ".join(words))
        return {entity.room for entity in self.home if entity.room and entity.room.lower() == named}

    def _amount(self, act: Act, text: str) -> bool:
        numbers = normalise(text).numbers
        if not numbers:
            return True
        now = self.state[act.entity.thing]["brightness"]
        return any(abs(act.value - wanted) < 1 for number in numbers
                   for wanted in (number.value, now + number.value, now - number.value))

    def _called(self, entity: Entity, text: str) -> bool:
        """Whether a person may call the entity so: by a word of its name, or one for its kind."""
        fact = self.house.fact(entity.thing)
        assert fact is not None
        stems = {token.stem for token in phrases.tokens(text)}
        kinds = {phrases.kind_words()[stem][0] for stem in stems if stem in phrases.kind_words()}
        return bool(kinds & fact.kinds or stems & fact.names)


def _described(entity: Entity) -> dict[str, Any]:
    """The Thing Description; the coffee machine also makes coffee."""
    td = describe(entity)
    if entity.id == _COFFEE:
        td["@type"] = "CoffeeMachine"
        td["actions"]["make_coffee"] = {"title": "Make a coffee", "input": {
            "type": "object", "properties": {"kind": {"type": "string", "enum": _KINDS}}, "required": []}}
    return td



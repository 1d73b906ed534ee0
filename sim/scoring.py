"""Test sets over Home Assistant houses, scored strictly: after the services that were called, exactly the expected
changes must stand in the table of entity states, and nothing else; a call that changes nothing does no harm.

    folder of a set -> Cases;  home, services -> home after them;  before, after, expected -> what is wrong

What a service does is what the virtual devices of github.com/allenporter/home-assistant-synthetic-home do, on which
the sets were made: they arrive at once, a fan goes on at full speed, a player that is stopped is off. Pure but for
reading the set. Does not: understand sentences, or know whose services they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from firmware_py.core.errors import LocalError
from ontology.home_assistant import Entity, Service, features, plain_state, read_home

FIXTURES = "_fixtures.yaml"
Home = tuple[Entity, ...]
# These follow from state and position.
_DERIVED = frozenset({"is_closed", "is_opening", "is_closing", "xy_color", "hs_color"})
# What a light that is off, and a player that is off, does not tell.
_LIT = ("brightness", "color_mode", "rgb_color", "rgbw_color", "rgbww_color", "color_temp_kelvin", "effect")
_PLAYED = ("volume_level", "is_volume_muted", "media_track", "media_title", "source", "sound_mode", "shuffle")
_VOLUME_STEP = 0.1


class SetError(LocalError):
    """A test set that cannot be used; one sentence."""


@dataclass(frozen=True)
class Case:
    """One sentence in one house. `home`: before it; `expected`: {entity id: {"state": …, attribute: …}};
    `ignored`: {entity id: attributes that may change}; `room`: where the speaker is."""

    name: str
    home: Home
    sentence: str
    expected: Mapping[str, Mapping[str, Any]]
    ignored: Mapping[str, frozenset[str]] = field(default_factory=dict)
    room: str | None = None


# Reading a set


def cases_of(directory: Path) -> list[Case]:
    """All cases of a set in the layout of home-assistant-datasets: in each folder a house and files of tests."""
    found: list[Case] = []
    for fixtures in sorted(directory.rglob(FIXTURES)):
        home = read_home(fixtures)
        for path in sorted(fixtures.parent.glob("*.yaml")):
            if path != fixtures:
                found += _cases(path, home)
    if not found:
        raise SetError(f"There are no houses with tests under {directory}: each folder needs {FIXTURES} and its tests.")
    return found


def _cases(path: Path, home: Home) -> Iterator[Case]:
    name = f"{path.parent.name}/{path.stem}"
    try:
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            for test in (document or {}).get("tests") or []:
                ready = set_up(home, test.get("setup") or {})
                expected = {key: _flat(row) for key, row in (test.get("expect_changes") or {}).items()}
                if unknown := sorted(expected.keys() - {entity.id for entity in home}):
                    raise SetError(f"{path} expects changes of {unknown[0]}, which its house does not have.")
                ignored = {key: frozenset(row if isinstance(row, list) else row["attributes"])
                           for key, row in (test.get("ignore_changes") or {}).items()}
                for sentence in test["sentences"]:
                    yield Case(name, ready, sentence, expected, ignored, _room(home, test.get("context_device")))
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SetError(f"The tests {path} cannot be read: {error}.") from None


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    state = {} if row.get("state") is None else {"state": row["state"]}
    return {**state, **(row.get("attributes") or {})}


def _room(home: Home, device: Any) -> str | None:
    wanted = " ".join(str(device or "").replace("_", " ").lower().split())
    return next((entity.room for entity in home if wanted and (entity.device or "").lower() == wanted), None)


def set_up(home: Iterable[Entity], setup: Mapping[str, Any]) -> Home:
    """The house with the states and attributes that a test begins with."""
    home = tuple(home)
    if unknown := sorted(setup.keys() - {entity.id for entity in home}):
        raise SetError(f"A test sets up {unknown[0]}, which its house does not have.")
    return tuple(_settled(_with(entity, setup.get(entity.id) or {})) for entity in home)


def _with(entity: Entity, row: Mapping[str, Any]) -> Entity:
    attributes = {**entity.attributes, **(row.get("attributes") or {})}
    state = entity.state if row.get("state") is None else plain_state(entity.domain, row["state"], attributes)
    return replace(entity, state=state, attributes=attributes)


def _settled(entity: Entity) -> Entity:
    """With what a virtual device has from the beginning."""
    given, able = dict(entity.attributes), features(entity)
    if entity.domain == "fan" and "SET_SPEED" in able:
        given.setdefault("percentage", 100 if entity.state == "on" else 0)
    if entity.domain == "media_player" and able & {"VOLUME_SET", "VOLUME_STEP"}:
        given.setdefault("volume_level", 1.0)
    if entity.domain == "valve" and "current_valve_position" in given:
        given["current_position"] = given.pop("current_valve_position")
    return replace(entity, attributes=given)


# What services do


def after(home: Home, services: Iterable[Service]) -> Home:
    """The house when these services have been called, one after the other."""
    entities = {entity.id: entity for entity in home}
    for service in services:
        entity = entities[service.entity]
        effect = _EFFECTS.get(service.name, _noted)
        entities[service.entity] = effect(entity, {**service.data, "service": service.name})
    return tuple(entities.values())


Data = Mapping[str, Any]
Effect = Callable[[Entity, Data], Entity]


def _changed(entity: Entity, state: str | None = None, **attributes: Any) -> Entity:
    return replace(entity, state=entity.state if state is None else state,
                   attributes={**entity.attributes, **attributes})


def _becomes(state: str) -> Effect:
    return lambda entity, data: _changed(entity, state)


def _takes(*names: str) -> Effect:
    return lambda entity, data: _changed(entity, **{name: data[name] for name in names if name in data})


def _noted(entity: Entity, data: Data) -> Entity:
    """A service without a row here leaves its mark, so that it never passes for nothing."""
    return replace(entity, attributes={**entity.attributes, **data})


def _toggled(entity: Entity, data: Data) -> Entity:
    return _EFFECTS[f"{entity.domain}.turn_{'off' if entity.state == 'on' else 'on'}"](entity, data)


def _light_on(entity: Entity, data: Data) -> Entity:
    taken = {name: data[name] for name in ("brightness", "rgb_color", "color_temp_kelvin", "effect") if name in data}
    if "brightness_pct" in data:
        taken["brightness"] = int(data["brightness_pct"] * 255 / 100 + 0.5)
    if taken.get("brightness") == 0:
        return _changed(entity, "off")
    if "rgb_color" in taken:
        taken["color_mode"] = "rgb"
    if "color_temp_kelvin" in taken:
        taken["color_mode"] = "color_temp"
    return _changed(entity, "on", **taken)


def _fan_at(percentage: int | None) -> Effect:
    def run(entity: Entity, data: Data) -> Entity:
        speed = data.get("percentage", percentage)
        return _changed(entity, "on" if speed else "off", percentage=speed)

    return run


def _opened_to(position: int | None) -> Effect:
    def move(entity: Entity, data: Data) -> Entity:
        there = data.get("position", position)
        tells = "current_position" in entity.attributes or "SET_POSITION" in features(entity)
        return _changed(entity, "open" if there else "closed", **({"current_position": there} if tells else {}))

    return move


def _skipped(by: int) -> Effect:
    return lambda entity, data: _changed(
        entity, "playing", media_track=int(entity.attributes.get("media_track") or 0) + by)


def _louder(by: float) -> Effect:
    return lambda entity, data: _changed(
        entity, volume_level=round(min(1.0, max(0.0, float(entity.attributes.get("volume_level") or 0) + by)), 4))


def _counted(by: int) -> Effect:
    return lambda entity, data: _changed(entity, str(max(0, int(entity.state or 0) + by)))


def _warms(entity: Entity, data: Data) -> Entity:
    modes = [str(mode) for mode in entity.attributes.get("hvac_modes") or ["heat"]]
    return _changed(entity, next((mode for mode in modes if mode != "off"), "heat"))


_EFFECTS: dict[str, Effect] = {
    **{f"{domain}.turn_{state}": _becomes(state) for state in ("on", "off")
       for domain in ("switch", "input_boolean", "siren", "remote", "automation", "humidifier", "camera")},
    **{f"{domain}.toggle": _toggled for domain in ("light", "switch", "input_boolean", "fan")},
    "light.turn_on": _light_on,
    "light.turn_off": _becomes("off"),
    "fan.turn_on": _fan_at(100),
    "fan.turn_off": _fan_at(0),
    "fan.set_percentage": _fan_at(None),
    "fan.oscillate": _takes("oscillating"),
    "fan.set_direction": _takes("direction"),
    "fan.set_preset_mode": _takes("preset_mode"),
    "cover.open_cover": _opened_to(100),
    "cover.close_cover": _opened_to(0),
    "cover.set_cover_position": _opened_to(None),
    "cover.stop_cover": _takes(),
    "valve.open_valve": _opened_to(100),
    "valve.close_valve": _opened_to(0),
    "valve.set_valve_position": _opened_to(None),
    "valve.stop_valve": _takes(),
    "lock.lock": _becomes("locked"),
    "lock.unlock": _becomes("unlocked"),
    "lock.open": _becomes("open"),
    "climate.set_temperature": _takes("temperature"),
    "climate.set_hvac_mode": lambda entity, data: _changed(entity, data["hvac_mode"]),
    "climate.set_fan_mode": _takes("fan_mode"),
    "climate.set_preset_mode": _takes("preset_mode"),
    "climate.turn_on": _warms,
    "climate.turn_off": _becomes("off"),
    "media_player.turn_on": _becomes("playing"),
    "media_player.turn_off": _becomes("off"),
    "media_player.media_play": _becomes("playing"),
    "media_player.media_pause": _becomes("paused"),
    "media_player.media_stop": _becomes("off"),
    "media_player.media_next_track": _skipped(1),
    "media_player.media_previous_track": _skipped(-1),
    "media_player.volume_set": _takes("volume_level"),
    "media_player.volume_mute": _takes("is_volume_muted"),
    "media_player.volume_up": _louder(_VOLUME_STEP),
    "media_player.volume_down": _louder(-_VOLUME_STEP),
    "vacuum.start": _becomes("cleaning"),
    "vacuum.pause": _becomes("paused"),
    "vacuum.stop": _becomes("idle"),
    "vacuum.return_to_base": _becomes("returning"),
    "vacuum.clean_spot": _becomes("cleaning"),
    "vacuum.locate": _takes(),
    "lawn_mower.start_mowing": _becomes("mowing"),
    "lawn_mower.pause": _becomes("paused"),
    "lawn_mower.dock": _becomes("returning"),
    "todo.add_item": _counted(1),
    "todo.update_item": _counted(-1),
    "todo.remove_item": _counted(-1),
}


# Comparing


def shown(entity: Entity) -> dict[str, Any]:
    """What Home Assistant tells of an entity: its state and those attributes that it shows in this state."""
    told = dict(entity.attributes)
    hidden: Sequence[str] = ()
    if entity.domain == "light" and entity.state != "on":
        hidden = _LIT
    elif entity.domain == "media_player" and entity.state == "off":
        hidden = _PLAYED
    elif entity.domain == "fan" and "SET_SPEED" not in features(entity):
        hidden = ("percentage",)
    return {"state": entity.state, **{key: value for key, value in told.items() if key not in hidden}}


def wrong(
    before: Home, found: Home, expected: Mapping[str, Mapping[str, Any]],
    ignored: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, dict[str, tuple[Any, Any]]]:
    """{entity id: {"state" or attribute: (expected, found)}} where they differ; empty if all is as it should be."""
    now = {entity.id: shown(entity) for entity in found}
    differences: dict[str, dict[str, tuple[Any, Any]]] = {}
    for entity in before:
        should, is_now = {**shown(entity), **expected.get(entity.id, {})}, now[entity.id]
        free = (ignored or {}).get(entity.id, frozenset()) | _DERIVED
        different = {key: (should.get(key), is_now.get(key)) for key in should.keys() | is_now.keys()
                     if key not in free and not same(should.get(key), is_now.get(key))}
        if different:
            differences[entity.id] = different
    return differences


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 1, 1.0 and "1" do; None is a value that is not told."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if one is None or other is None:
        return one is other
    if one == other or str(one) == str(other):
        return True
    try:
        return abs(float(one) - float(other)) < 1e-6
    except (TypeError, ValueError):
        return False

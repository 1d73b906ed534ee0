"""A Home Assistant house as Things: one Thing for each entity, and what their properties are now.

    a fixture file (YAML: areas, devices, entities), the answer of /api/states (JSON), or the .storage folder
        -> Home (entities with room and floor) -> Thing Descriptions, {thing id: {property: value}}
        -> and back: a call to such a Thing -> the service that Home Assistant has for it

What each domain offers is a table, home_assistant.toml. Does not: talk to Home Assistant, or understand language."""

from __future__ import annotations

import colorsys
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from firmware_py.core.errors import LocalError
from ontology.description import words_of

URN = "urn:homeassistant:"
CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"
OURS = "urn:motewise:ns#"
SEGMENT_LENGTH = 64
# Below this number of degrees a room's temperature is in Celsius, above it in Fahrenheit, where nobody says which.
WARMEST_CELSIUS = 45
_NOTHING = (None, "unknown", "unavailable", "")
_COLOURED = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
_TRUTH = {"cover": ("open", "closed"), "valve": ("open", "closed"), "lock": ("locked", "unlocked")}


class HomeError(LocalError):
    """A file that is no Home Assistant house; one sentence."""


@dataclass(frozen=True)
class Entity:
    """One entity. `state`: as Home Assistant writes it, or None; `device`: the name of the device it is part of."""

    id: str
    name: str
    room: str | None = None
    floor: str | None = None
    device: str | None = None
    state: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]

    @property
    def thing(self) -> str:
        """The id of its Thing."""
        return URN + re.sub(r"[^a-z0-9_-]+", "-", self.id.lower())[:SEGMENT_LENGTH]

    @property
    def device_class(self) -> str:
        """`garage` for `cover.CoverDeviceClass.GARAGE`; "" without one."""
        return str(self.attributes.get("device_class") or "").rpartition(".")[2].lower()


@dataclass(frozen=True)
class Service:
    """A service of Home Assistant, such as light.turn_on, for one entity."""

    name: str
    entity: str
    data: Mapping[str, Any] = field(default_factory=dict)


# The table


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """home_assistant.toml, where what is `like` another domain has that domain's affordances."""
    rows: dict[str, Any] = tomllib.loads(resources.files("ontology").joinpath("home_assistant.toml").read_text("utf-8"))
    return {name: {**rows.get(row.get("like"), {}), **row} for name, row in rows.items()}


def _domain(entity: Entity) -> dict[str, Any]:
    """The domain's row; a domain that is not in the table only tells its state."""
    row: dict[str, Any] = table().get(entity.domain) or {
        "kind": _camel(entity.domain), "properties": {"state": {"title": "State", "type": "string", "from": "state"}}}
    return {**row, "properties": {_sensed(entity): _sense(entity)}} if entity.domain in _SENSORS else row


_SENSORS = ("sensor", "binary_sensor")


def _sensed(entity: Entity) -> str:
    """The name of a sensor's one property."""
    row, sort = table()[entity.domain], entity.device_class
    by_unit = row.get("by_unit", {}).get(_unit(entity.attributes.get("unit_of_measurement") or entity.attributes.get(
        "native_unit_of_measurement")))
    name = row["names"].get(sort) or sort or by_unit or ("value" if entity.domain == "sensor" else "on")
    return re.sub(r"[^a-z0-9_]+", "_", str(name))


def _sense(entity: Entity) -> dict[str, Any]:
    title = " ".join(_sensed(entity).split("_")).capitalize()
    if entity.domain == "binary_sensor":
        return {"title": title, "type": "boolean", "from": "state", "true": ["on"]}
    numeric = _number(_found(entity, ("state", "native_value"))) is not None or "state_class" in entity.attributes
    return {"title": title, "type": "number" if numeric else "string", "from": ["state", "native_value"],
            "unit_from": ["unit_of_measurement", "native_unit_of_measurement"]}


def _unit(said: Any) -> str:
    return str(table()["units"].get(said, said)) if said else ""


def features(entity: Entity) -> frozenset[str]:
    """What the entity can do: names of its features and attributes, and DIMMED, COLOURED, WHITES for lights."""
    row, given = table().get(entity.domain, {}), entity.attributes.get("supported_features")
    if isinstance(given, int):
        named = {name for name, bit in row.get("features", {}).items() if given & bit}
    elif given is None:
        named = set(row.get("usual", ()))
    else:
        named = {str(one).rpartition(".")[2].upper() for one in ([given] if isinstance(given, str) else given)}
    named |= {name for name, value in entity.attributes.items() if value is not None}
    if entity.domain == "light":
        modes = light_modes(entity)
        named |= {"DIMMED"} if modes - {"onoff"} else set()
        named |= {"COLOURED"} if modes & _COLOURED else set()
        named |= {"WHITES"} if "color_temp" in modes else set()
    return frozenset(named)


def light_modes(entity: Entity) -> frozenset[str]:
    """The colour modes of a light: those that it lists, else those that its attributes tell."""
    listed = entity.attributes.get("supported_color_modes")
    if listed:
        listed = [listed] if isinstance(listed, str) else listed
        return frozenset(str(mode).rpartition(".")[2].lower() for mode in listed)
    told = {"brightness": "brightness", "rgb_color": "rgb", "hs_color": "hs", "color_temp_kelvin": "color_temp"}
    return frozenset(mode for name, mode in told.items() if entity.attributes.get(name) is not None)


# Things


def describe(entity: Entity) -> dict[str, Any]:
    """The Thing Description of an entity, without forms."""
    row, able = _domain(entity), features(entity)
    kind = row.get("kinds", {}).get(entity.device_class, row["kind"])
    if entity.domain in _SENSORS and entity.device_class:
        kind = f"{_camel(entity.device_class)}Sensor"
    properties = {}
    for name, one in row.get("properties", {}).items():
        schema = _property(entity, one, able)
        if schema is not None:
            properties[name] = schema
    actions = {name: _action(name, one, properties) for name, one in row.get("actions", {}).items() if _has(one, able)}
    said = [f"Part of {entity.device}." if entity.device and entity.device != entity.name else "",
            f"Also called {', '.join(entity.aliases)}." if entity.aliases else ""]
    td: dict[str, Any] = {
        "@context": [CONTEXT, {"@language": "en", "motewise": OURS, kind: f"motewise:{kind}"}],
        "id": entity.thing, "title": entity.name, "@type": kind,
        "securityDefinitions": {"account": {"scheme": "basic", "in": "auto"}}, "security": "account",
    }
    more = {"description": " ".join(filter(None, said)), "motewise:room": entity.room, "motewise:floor": entity.floor}
    td.update((name, value) for name, value in more.items() if value)
    return {**td, "actions": actions, "properties": properties}


def things_of(home: Iterable[Entity]) -> list[dict[str, Any]]:
    """Thing Descriptions, in the order of the house."""
    return [describe(entity) for entity in home]


def _has(row: Mapping[str, Any], able: frozenset[str]) -> bool:
    needs = row.get("needs")
    return (needs is None or bool(able & set(needs))) and not able & set(row.get("unless", ()))


def _property(entity: Entity, row: Mapping[str, Any], able: frozenset[str]) -> dict[str, Any] | None:
    """The schema of a property, or None if this entity has no such thing."""
    writable = "write" in row
    if not _has(row, able):
        if not able & set(row.get("read_without", ())) or able & set(row.get("unless", ())):
            return None
        writable = False
    schema = {name: row[name] for name in ("type", "title", "description", "minimum", "maximum") if name in row}
    unit = next((_unit(entity.attributes[name]) for name in row.get("unit_from", ()) if entity.attributes.get(name)),
                row.get("unit", ""))
    if entity.domain in ("climate", "water_heater") and unit == "celsius" and _in_fahrenheit(entity):
        unit = "fahrenheit"
        schema.update((bound, round(row[bound] * 1.8 + 32)) for bound in ("minimum", "maximum") if bound in row)
    if unit:
        schema["unit"] = unit
    for bound, name in zip(("minimum", "maximum"), row.get("bounds_from", ()), strict=False):
        if _number(entity.attributes.get(name)) is not None:
            schema[bound] = _number(entity.attributes[name])
    step = _number(entity.attributes.get(row.get("step_from", "")))
    if step:
        schema["multipleOf"] = step
    if row.get("code") == "colour":
        schema["enum"] = list(table()["colours"])
    elif "choices_from" in row or "choices" in row:
        listed = entity.attributes.get(row.get("choices_from", "")) or row.get("choices")
        if not listed:
            return None
        schema["enum"] = [_choice(one) for one in listed]
    return {**schema, "readOnly": not writable, "observable": True}


def _action(name: str, row: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    affects = row.get("affects", ())
    affected = next((one for one in ([affects] if isinstance(affects, str) else affects) if one in properties), None)
    td: dict[str, Any] = {"title": row["title"], "idempotent": row.get("idempotent", True), "safe": False}
    if "input" in row:
        td["input"] = {"type": "object", "properties": {key: dict(one) for key, one in row["input"].items()},
                       "required": list(row["input"])}
    return {**td, "motewise:affects": affected} if affected else td


def _choice(said: Any) -> str:
    """`heat` for `heat`, for `climate.HVACMode.HEAT` and for the YAML word off, which is read as false."""
    if isinstance(said, bool):
        return "on" if said else "off"
    return str(said).rpartition(".")[2].lower() if re.fullmatch(r"\w+\.\w+\.[A-Z_]+", str(said)) else str(said)


def _in_fahrenheit(entity: Entity) -> bool:
    for name in ("temperature_unit", "unit_of_measurement"):
        if entity.attributes.get(name):
            return _unit(entity.attributes[name]) == "fahrenheit"
    degrees = (_number(entity.attributes.get(name)) for name in ("current_temperature", "temperature",
                                                                  "target_temperature", "max_temp"))
    return any(number is not None and number > WARMEST_CELSIUS for number in degrees)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in words_of(name.replace("_", " ")))


# What is now


def state_of(home: Iterable[Entity]) -> dict[str, dict[str, Any]]:
    """{thing id: {property: value}}; what is not known now is left out."""
    return {entity.thing: values_of(entity) for entity in home}


def values_of(entity: Entity) -> dict[str, Any]:
    """The present values of an entity's properties, those that are known."""
    rows, able = _domain(entity).get("properties", {}), features(entity)
    found = {name: _value(entity, row) for name, row in rows.items() if _property(entity, row, able) is not None}
    return {name: value for name, value in found.items() if value is not None}


def _found(entity: Entity, places: str | Iterable[str]) -> Any:
    """The first of these places (state or attributes) that says something."""
    for place in [places] if isinstance(places, str) else places:
        value = entity.state if place == "state" else entity.attributes.get(place)
        if not isinstance(value, (list, dict)) and value in _NOTHING:
            continue
        return value
    return None


def _value(entity: Entity, row: Mapping[str, Any]) -> Any:
    if row.get("code") == "byte" and entity.domain == "light" and entity.state != "on":
        return 0
    value = _found(entity, row["from"])
    if value is None:
        return None
    if row.get("code") == "colour":
        return colour_name(entity.attributes)
    if row["type"] == "boolean":
        return value in row["true"]
    if row["type"] == "string":
        return _choice(value)
    number = _number(value)
    if number is None:
        return None
    if row.get("code") in ("byte", "part"):
        number = min(100, round(number * 100 / (255 if row["code"] == "byte" else 1)))
    return round(number) if row["type"] == "integer" else number


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number if abs(number) < float("inf") else None


def colour_name(attributes: Mapping[str, Any]) -> str | None:
    """The name of the colour that is nearest to a light's colour."""
    rgb = next((attributes[name] for name in ("rgb_color", "rgbw_color", "rgbww_color") if attributes.get(name)), None)
    if rgb is None and len(attributes.get("hs_color") or ()) == 2:
        hue, saturation = attributes["hs_color"]
        rgb = [255 * part for part in colorsys.hsv_to_rgb(hue / 360, saturation / 100, 1)]
    if rgb is None or len(rgb) < 3:
        return None
    colours: dict[str, list[int]] = table()["colours"]
    return min(colours, key=lambda name: sum((a - b) ** 2 for a, b in zip(colours[name], rgb[:3], strict=True)))


# Back to Home Assistant


def service_of(entity: Entity, call: Mapping[str, Any]) -> Service:
    """{"action", "input"} or {"property", "value"} -> the service that does it; HomeError if there is none."""
    row, name = _domain(entity), str(call.get("action") or call.get("property"))
    if "action" in call:
        one = row.get("actions", {}).get(name)
        if one is not None:
            given = call.get("input") or {}
            return Service(f"{entity.domain}.{one.get('service', name)}", entity.id, {**one.get("data", {}), **given})
    else:
        one = row.get("properties", {}).get(name)
        if one is not None and "write" in one:
            return Service(f"{entity.domain}.{one['write']}", entity.id, {one["argument"]: _coded(one, call["value"])})
    raise HomeError(f"Home Assistant has no service for '{name}' of {entity.id}.")


def _coded(row: Mapping[str, Any], value: Any) -> Any:
    if row.get("code") == "byte":
        return int(value * 255 / 100 + 0.5)
    if row.get("code") == "part":
        return round(value / 100, 4)
    if row.get("code") == "colour":
        return list(table()["colours"][value])
    return value


# Reading a house


def read_home(path: Path) -> tuple[Entity, ...]:
    """The entities of a house, or HomeError: a fixture file, saved states, or the folder .storage (or its
    core.entity_registry)."""
    if path.is_dir():
        path = path / "core.entity_registry"
    data = _parsed(path)
    try:
        return tuple(_entities(path, data))
    except (KeyError, TypeError, AttributeError):
        raise HomeError(f"{path} is not laid out as Home Assistant does it.") from None


def _entities(path: Path, data: Any) -> list[Entity]:
    if isinstance(data, dict) and isinstance(data.get("data"), dict) and "entities" in data["data"]:
        return _registered(path.parent, data["data"]["entities"])
    if isinstance(data, dict) and isinstance(data.get("entities"), list):
        return _fixture(data)
    if isinstance(data, list) and data and all(isinstance(row, dict) and "entity_id" in row for row in data):
        return [_entity(row["entity_id"], row.get("attributes", {}).get("friendly_name"), row.get("state"),
                        row.get("attributes") or {}) for row in data]
    raise HomeError(f"{path} is no Home Assistant house: give a file with 'entities', saved states, or .storage.")


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
        if path.suffix.lower() in (".yaml", ".yml"):
            return next((one for one in yaml.safe_load_all(text) if one), None)
        return json.loads(text)
    except OSError as error:
        raise HomeError(f"The house {path} cannot be read: {error.strerror}.") from None
    except (ValueError, yaml.YAMLError, RecursionError):
        raise HomeError(f"The house {path} is neither valid YAML nor valid JSON.") from None


def _rows(rows: Any, key: str, what: str) -> dict[str, dict[str, Any]]:
    rows = rows or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and key in row for row in rows):
        raise HomeError(f"The {what} of the house must be a list of entries with '{key}'.")
    return {str(row[key]): row for row in rows}


def _fixture(data: Mapping[str, Any]) -> list[Entity]:
    areas = _rows(data.get("areas"), "id", "areas")
    devices = _rows(data.get("devices"), "id", "devices")
    floors = {key: row.get("name", key) for key, row in _rows(data.get("floors"), "id", "floors").items()}
    found = []
    for row in _rows(data["entities"], "id", "entities").values():
        device = devices.get(str(row.get("device")), {})
        area = areas.get(str(row.get("area") or device.get("area")), {})
        floor = area.get("floor")
        found.append(_entity(row["id"], row.get("name"), row.get("state"), row.get("attributes") or {},
                             area.get("name"), floors.get(str(floor), floor), device.get("name"),
                             row.get("aliases") or ()))
    return found


def _registered(folder: Path, entries: Any) -> list[Entity]:
    """The registries of a running Home Assistant; its last states where it kept them."""
    def stored(name: str, inside: str) -> list[dict[str, Any]]:
        path = folder / f"core.{name}"
        found: list[dict[str, Any]] = _parsed(path)["data"][inside] if path.exists() else []
        return found

    areas = {row["id"]: row for row in stored("area_registry", "areas")}
    devices = {row["id"]: row for row in stored("device_registry", "devices")}
    floors = {row["floor_id"]: row["name"] for row in stored("floor_registry", "floors")}
    kept = _parsed(folder / "core.restore_state")["data"] if (folder / "core.restore_state").exists() else []
    states = {row["state"]["entity_id"]: row["state"] for row in kept}
    found = []
    for row in _rows(entries, "entity_id", "entities").values():
        if row.get("disabled_by") or row.get("hidden_by") or row.get("entity_category") == "config":
            continue
        device = devices.get(row.get("device_id"), {})
        area = areas.get(row.get("area_id") or device.get("area_id"), {})
        state = states.get(row["entity_id"], {})
        attributes = {**(row.get("capabilities") or {}), **(state.get("attributes") or {})}
        for name in ("supported_features", "device_class", "original_device_class", "unit_of_measurement"):
            if row.get(name):
                attributes.setdefault(name.removeprefix("original_"), row[name])
        called = device.get("name_by_user") or device.get("name")
        own = row.get("name") or row.get("original_name")
        if row.get("has_entity_name") and called and not row.get("name"):
            own = f"{called} {own}" if own else called
        found.append(_entity(row["entity_id"], own or attributes.get("friendly_name") or called, state.get("state"),
                             attributes, area.get("name"), floors.get(area.get("floor_id")), called,
                             row.get("aliases") or ()))
    return found


def _entity(
    id: Any, name: Any, state: Any, attributes: Any, room: Any = None, floor: Any = None, device: Any = None,
    aliases: Iterable[Any] = (),
) -> Entity:
    if not isinstance(id, str) or not re.fullmatch(r"\w+\.\w+", id) or not isinstance(attributes, dict):
        raise HomeError(f"An entity of the house needs an id such as light.kitchen, not {id!r}, and its attributes "
                        "must be an object.")
    domain, _, own = id.partition(".")
    room, floor, device = (str(text) if text is not None else None for text in (room, floor, device))
    return Entity(id, str(name or device or own.replace("_", " ").capitalize()), room, floor, device,
                  plain_state(domain, state, attributes), attributes, tuple(str(alias) for alias in aliases if alias))


def plain_state(domain: str, state: Any, attributes: Mapping[str, Any]) -> str | None:
    """A state as Home Assistant writes it; one that is not given follows from the attributes where it can."""
    if isinstance(state, dict):  # {in: what people say, out: what it is called}
        state = state.get("out")
    if isinstance(state, bool):
        return _TRUTH.get(domain, ("on", "off"))[0 if state else 1]
    if state is not None:
        return str(state)
    if domain == "light":
        return "on" if (_number(attributes.get("brightness")) or 0) > 0 else "off"
    if domain == "fan":
        return "on" if (_number(attributes.get("percentage")) or 0) > 0 else "off"
    if domain in ("cover", "valve"):
        position = _number(attributes.get("current_position", attributes.get("current_valve_position")))
        return "open" if position else "closed"
    if domain == "todo" and isinstance(attributes.get("todo_items"), list):
        return str(len(attributes["todo_items"]))
    return None

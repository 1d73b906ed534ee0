"""Home Assistant's own sentence engine: hassil with the grammar of home-assistant-intents, as its default agent uses
them (names, areas and floors of the house as slot lists, the best match, then the entities that the slots name).

Two things are kinder than in Home Assistant: a name that two entities share is settled by the domain that the sentence
asks for, and every entity is exposed. Needs the extra `bench`. Does not: answer, keep timers, or match loosely."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterable, Mapping
from typing import Any

from ontology.home_assistant import Entity, Service, table

try:
    import hassil
    import home_assistant_intents
except ImportError:  # the extra is not installed
    hassil = None

_OPENERS = {"cover": ("open_cover", "close_cover"), "valve": ("open_valve", "close_valve"), "lock": ("lock", "unlock")}
_SWITCHED = frozenset({"light", "switch", "fan", "climate", "media_player", "humidifier", "input_boolean", "siren",
                       "remote", "automation", "scene", "script", "water_heater", "camera"})
# intent -> the domains that it is about, and their services
_SERVICES: dict[str, dict[str, str]] = {
    "HassSetPosition": {"cover": "set_cover_position", "valve": "set_valve_position"},
    "HassVacuumStart": {"vacuum": "start"},
    "HassVacuumReturnToBase": {"vacuum": "return_to_base"},
    "HassLawnMowerStartMowing": {"lawn_mower": "start_mowing"},
    "HassLawnMowerDock": {"lawn_mower": "dock"},
    "HassListAddItem": {"todo": "add_item"},
    "HassListCompleteItem": {"todo": "update_item"},
    "HassListRemoveItem": {"todo": "remove_item"},
    "HassMediaPause": {"media_player": "media_pause"},
    "HassMediaUnpause": {"media_player": "media_play"},
    "HassMediaNext": {"media_player": "media_next_track"},
    "HassMediaPrevious": {"media_player": "media_previous_track"},
    "HassMediaPlayerMute": {"media_player": "volume_mute"},
    "HassMediaPlayerUnmute": {"media_player": "volume_mute"},
    "HassSetVolume": {"media_player": "volume_set"},
    "HassSetVolumeRelative": {"media_player": "volume_set"},
    "HassFanSetSpeed": {"fan": "set_percentage"},
    "HassClimateSetTemperature": {"climate": "set_temperature"},
    "HassLightSet": {"light": "turn_on"},
}
# These mean a player that plays, or one that is paused, where none is named.
_PLAYING = {"HassMediaPause": "playing", "HassMediaNext": "playing", "HassMediaPrevious": "playing",
            "HassMediaUnpause": "paused"}


def version() -> str | None:
    """What is measured, or None if it is not installed."""
    if hassil is None:
        return None
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("hassil", "home-assistant-intents"))


@functools.lru_cache(maxsize=1)
def _grammar() -> Any:
    return hassil.Intents.from_dict(home_assistant_intents.get_intents("en"))


class HomeAssistant:
    """The engine for one house."""

    def __init__(self, home: Iterable[Entity]) -> None:
        self._home = tuple(home)
        self._grammar = _grammar()
        names = [(name, name, _context(entity)) for entity in self._home for name in (entity.name, *entity.aliases)]
        rooms = dict.fromkeys(entity.room for entity in self._home if entity.room)
        floors = dict.fromkeys(entity.floor for entity in self._home if entity.floor)
        self._lists = {
            "name": hassil.TextSlotList.from_tuples(names, allow_template=False),
            "area": hassil.TextSlotList.from_tuples([(room, room) for room in rooms], allow_template=False),
            "floor": hassil.TextSlotList.from_tuples([(floor, floor) for floor in floors], allow_template=False),
        }

    def services(self, sentence: str, room: str | None = None) -> list[Service]:
        """The services that Home Assistant would call."""
        found = hassil.recognize_best(
            sentence, self._grammar, slot_lists=self._lists, intent_context={"area": room} if room else None,
            language="en", best_metadata_key="hass_custom_sentence", best_slot_name="name")
        if found is None:
            return []
        slots = {name: entity.value for name, entity in found.entities.items()}
        return self._handled(found.intent.name, slots, found.context)

    def _handled(self, intent: str, slots: Mapping[str, Any], context: Mapping[str, Any]) -> list[Service]:
        targets = self._targets(slots, context)
        if intent in ("HassTurnOn", "HassTurnOff"):
            on = intent == "HassTurnOn"
            return [service for entity in targets if (service := _switched(entity, on)) is not None]
        rows = _SERVICES.get(intent, {})
        targets = [entity for entity in targets if entity.domain in rows]
        if "name" not in slots and intent in _PLAYING:
            targets = [entity for entity in targets if entity.state == _PLAYING[intent]]
        return [Service(f"{entity.domain}.{rows[entity.domain]}", entity.id, _data(intent, slots, entity))
                for entity in targets]

    def _targets(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> list[Entity]:
        """The entities that have all that the slots say."""
        domains = _listed(slots.get("domain") or (_value(context.get("domain")) if "name" in slots else None))
        classes = _listed(slots.get("device_class"))
        found = [
            entity for entity in self._home
            if ("name" not in slots or slots["name"] in (entity.name, *entity.aliases))
            and (slots.get("area") in (None, entity.room)) and (slots.get("floor") in (None, entity.floor))
            and (not domains or entity.domain in domains) and (not classes or entity.device_class in classes)]
        return found if len(slots) > 0 or domains else list(self._home)


def _value(said: Any) -> Any:
    return said.get("value") if isinstance(said, dict) else said


def _listed(said: Any) -> list[str]:
    return [] if said is None else [said] if isinstance(said, str) else list(said)


def _context(entity: Entity) -> dict[str, str]:
    return {"domain": entity.domain, **({"device_class": entity.device_class} if entity.device_class else {})}


def _switched(entity: Entity, on: bool) -> Service | None:
    if entity.domain in _OPENERS:
        return Service(f"{entity.domain}.{_OPENERS[entity.domain][0 if on else 1]}", entity.id)
    if entity.domain in ("button", "input_button") and on:
        return Service(f"{entity.domain}.press", entity.id)
    return Service(f"{entity.domain}.turn_{'on' if on else 'off'}", entity.id) if entity.domain in _SWITCHED else None


def _data(intent: str, slots: Mapping[str, Any], entity: Entity) -> dict[str, Any]:
    """The fields of the service."""
    data: dict[str, Any] = {}
    if intent == "HassLightSet":
        if "brightness" in slots:
            data["brightness_pct"] = slots["brightness"]
        if "temperature" in slots:
            data["color_temp_kelvin"] = slots["temperature"]
        if slots.get("color") in table()["colours"]:
            data["rgb_color"] = table()["colours"][slots["color"]]
    elif intent == "HassSetVolume":
        data["volume_level"] = slots["volume_level"] / 100
    elif intent == "HassSetVolumeRelative":
        step = {"up": 10, "down": -10}.get(slots["volume_step"], slots["volume_step"])
        now = float(entity.attributes.get("volume_level") or 0)
        data["volume_level"] = round(min(1.0, max(0.0, now + step / 100)), 4)
    elif intent in ("HassMediaPlayerMute", "HassMediaPlayerUnmute"):
        data["is_volume_muted"] = intent == "HassMediaPlayerMute"
    else:
        data = {name: slots[name] for name in ("position", "percentage", "temperature", "item") if name in slots}
    return data

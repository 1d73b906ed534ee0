"""Homes of our own as Home Assistant writes them, and the Things that come of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coordinator.cli import register
from coordinator.house import House
from firmware_py.host.cli import build
from ontology import home_assistant
from ontology.description import Thing, read
from ontology.home_assistant import Entity, HomeError, Service, describe, read_home, service_of, state_of, things_of

MILL = """
---
areas:
  - {name: Mill room, id: mill, floor: Ground}
  - {name: Loft, id: loft}
devices:
  - {name: Wheel controller, id: wheel, area: mill}
entities:
  - name: Miller's lamp
    id: light.miller
    area: mill
    state: on
    attributes: {supported_color_modes: [rgb, color_temp], color_mode: rgb, brightness: 51, rgb_color: [250, 10, 0]}
  - {name: Ladder lamp, id: light.ladder, area: loft, state: off, attributes: {supported_color_modes: [onoff]}}
  - name: Sluice
    id: valve.sluice
    device: wheel
    attributes:
      current_position: 30
      supported_features:
        - valve.ValveEntityFeature.OPEN
        - valve.ValveEntityFeature.CLOSE
        - valve.ValveEntityFeature.SET_POSITION
  - name: Hatch
    id: cover.hatch
    area: loft
    state: false
    attributes:
      device_class: cover.CoverDeviceClass.SHUTTER
      supported_features: [cover.CoverEntityFeature.OPEN, cover.CoverEntityFeature.CLOSE]
  - name: Gearbox temperature
    id: sensor.gearbox
    device: wheel
    state: "61.5"
    attributes: {device_class: sensor.SensorDeviceClass.TEMPERATURE, native_unit_of_measurement: "\\xB0C"}
  - name: Loft door
    id: binary_sensor.loft_door
    area: loft
    state: {in: closed, out: "off"}
    attributes: {device_class: door}
  - {name: Chores, id: todo.chores, attributes: {todo_items: [{summary: oil the wheel}]}}
"""


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    path = tmp_path / "_fixtures.yaml"
    path.write_text(MILL, "utf-8")
    return path


def entity(id: str, state: str | None = None, **attributes: Any) -> Entity:
    return Entity(id, "It", state=state, attributes=attributes)


def thing(id: str, **attributes: Any) -> Thing:
    return read(describe(entity(id, **attributes)))


def offers(found: Thing) -> dict[str, set[str]]:
    return {op: {one.name for one in found.affordances if one.op == op} for op in ("action", "write", "read")}


def test_every_entity_is_one_thing_in_its_room_on_its_floor(mill: Path) -> None:
    things = {found.title: found for found in map(read, things_of(read_home(mill)))}
    assert list(things) == ["Miller's lamp", "Ladder lamp", "Sluice", "Hatch", "Gearbox temperature", "Loft door",
                            "Chores"]
    assert (things["Miller's lamp"].room, things["Miller's lamp"].floor) == ("Mill room", "Ground")
    assert (things["Hatch"].room, things["Hatch"].floor, things["Hatch"].kinds) == ("Loft", None, ("Shutter",))
    assert things["Sluice"].room == "Mill room"  # its device's
    assert things["Sluice"].description == "Part of Wheel controller."
    assert things["Chores"].room is None


def test_what_is_now_stands_in_the_state_table(mill: Path) -> None:
    state = state_of(read_home(mill))
    assert {key.rpartition(":")[2]: row for key, row in state.items()} == {
        "light-miller": {"on": True, "brightness": 20, "colour": "red"},
        "light-ladder": {"on": False},
        "valve-sluice": {"position": 30},
        "cover-hatch": {"open": False},
        "sensor-gearbox": {"temperature": 61.5},
        "binary_sensor-loft_door": {"open": False},
        "todo-chores": {"open_items": 1},
    }


def test_ids_are_topics_on_the_wire(mill: Path) -> None:
    for td in things_of(read_home(mill)):
        assert read(td, host="mill-pi").segment == td["id"].rpartition(":")[2]


def test_the_coordinator_knows_the_kinds(mill: Path) -> None:
    house = House.of(map(read, things_of(read_home(mill))))
    kinds = {fact.thing.title: set(fact.kinds) for fact in house.facts}
    assert kinds["Ladder lamp"] == {"light"}
    assert kinds["Sluice"] == {"valve"}
    assert kinds["Hatch"] == {"covering"}
    assert kinds["Loft door"] == {"sensor"}


OFFERED = [
    # entity, its attributes, actions, writable, only readable
    ("light.a", {"supported_color_modes": ["onoff"]}, "turn_on turn_off toggle", "", "on"),
    ("light.a", {"supported_color_modes": ["brightness"]}, "turn_on turn_off toggle", "brightness", "on"),
    ("light.a", {"supported_color_modes": ["hs"]}, "turn_on turn_off toggle", "brightness colour", "on"),
    ("light.a", {"supported_color_modes": ["color_temp"]}, "turn_on turn_off toggle",
     "brightness colour_temperature", "on"),
    ("switch.a", {"device_class": "outlet"}, "turn_on turn_off toggle", "", "on"),
    ("cover.a", {"supported_features": 11, "current_position": 5}, "open close stop", "", "position"),
    ("cover.a", {"supported_features": 15}, "open close stop", "position", ""),
    ("cover.a", {}, "open close", "", "open"),
    ("lock.a", {"supported_features": 0}, "lock unlock", "", "locked"),
    ("fan.a", {"supported_features": 49}, "turn_on turn_off", "speed", "on"),
    ("fan.a", {"supported_features": 8, "preset_modes": ["sleep", "storm"]}, "turn_on turn_off", "preset_mode", "on"),
    ("climate.a", {"supported_features": 1, "hvac_modes": ["off", "heat"], "current_temperature": 19},
     "turn_on turn_off", "target_temperature mode", "current_temperature"),
    ("media_player.a", {"supported_features": 128 + 256}, "turn_on turn_off", "", "on"),
    ("media_player.a", {"supported_features": 1 + 4 + 16384}, "play pause", "volume", "on playing"),
    ("media_player.a", {"supported_features": 1024}, "volume_up volume_down", "", "on"),
    ("vacuum.a", {"supported_features": 8192 + 16}, "start dock", "", "state"),
    ("valve.a", {}, "open close", "", "open"),
    ("todo.a", {"supported_features": 1}, "add_item", "", "open_items"),
    ("sensor.a", {"device_class": "humidity", "unit_of_measurement": "%"}, "", "", "humidity"),
    ("sensor.a", {"unit_of_measurement": "W"}, "", "", "power"),
    ("binary_sensor.a", {"device_class": "motion"}, "", "", "motion"),
    ("input_boolean.a", {}, "turn_on turn_off toggle", "", "on"),
    ("scene.a", {}, "activate", "", ""),
    ("input_select.a", {"options": ["tea", "soup"]}, "", "option", ""),
    ("weather.a", {"temperature": 3}, "", "", "condition temperature"),
    ("unheard_of.a", {}, "", "", "state"),
]


@pytest.mark.parametrize(("id", "attributes", "actions", "writes", "reads"), OFFERED)
def test_an_entity_offers_what_it_can(
    id: str, attributes: dict[str, Any], actions: str, writes: str, reads: str
) -> None:
    found = offers(thing(id, **attributes))
    assert found["action"] == set(actions.split())
    assert found["write"] == set(writes.split())
    assert found["read"] - found["write"] == set(reads.split())


def test_every_row_of_the_table_makes_a_thing_that_is_taken_in_and_a_service() -> None:
    lists = {"effect_list": ["rainbow"], "preset_modes": ["eco"], "fan_modes": ["low"], "hvac_modes": ["off", "heat"],
             "operation_list": ["eco"], "available_modes": ["auto"], "source_list": ["Radio"], "options": ["tea"],
             "sound_mode_list": ["film"], "fan_speed_list": ["quiet"], "battery_level": 50, "current_temperature": 20,
             "supported_color_modes": ["rgb", "color_temp"], "current_humidity": 40, "media_title": "A song",
             "temperature": 20, "humidity": 50, "wind_speed": 3}
    seen: set[str] = set()
    for domain, row in home_assistant.table().items():
        if "kind" not in row:
            continue
        one = entity(f"{domain}.a", **lists, supported_features=sum(row.get("features", {}).values()))
        found = read(describe(one))
        for affordance in found.affordances:
            if affordance.op == "action":
                given = {inner.name: "x" for inner in affordance.fields}
                service = service_of(one, {"action": affordance.name, "input": given})
            elif affordance.op == "write":
                value = affordance.schema.get("enum", [affordance.schema.get("minimum", True)])[0]
                service = service_of(one, {"property": affordance.name, "value": value})
            else:
                continue
            assert service.name.startswith(f"{domain}.")
            seen.add(affordance.name)
        hidden = {"open"} if domain in ("cover", "valve") else {"volume_up", "volume_down"}
        wanted = {*row.get("actions", ()), *row.get("properties", ())} - hidden
        assert {item.name for item in found.affordances} >= wanted
    assert {"turn_on", "add_item", "colour", "position", "target_temperature", "press"} <= seen


SERVICES = [
    (entity("light.a", supported_color_modes=["rgb"]), {"property": "brightness", "value": 50},
     Service("light.turn_on", "light.a", {"brightness": 128})),
    (entity("light.a", supported_color_modes=["rgb"]), {"property": "brightness", "value": 1},
     Service("light.turn_on", "light.a", {"brightness": 3})),
    (entity("light.a", supported_color_modes=["rgb"]), {"property": "colour", "value": "orange"},
     Service("light.turn_on", "light.a", {"rgb_color": [255, 165, 0]})),
    (entity("cover.a"), {"action": "open", "input": {}}, Service("cover.open_cover", "cover.a", {})),
    (entity("media_player.a"), {"property": "volume", "value": 35},
     Service("media_player.volume_set", "media_player.a", {"volume_level": 0.35})),
    (entity("media_player.a", supported_features=8), {"action": "mute", "input": {}},
     Service("media_player.volume_mute", "media_player.a", {"is_volume_muted": True})),
    (entity("todo.a"), {"action": "add_item", "input": {"item": "flour"}},
     Service("todo.add_item", "todo.a", {"item": "flour"})),
]


@pytest.mark.parametrize(("one", "call", "service"), SERVICES, ids=[row[2].name for row in SERVICES])
def test_a_call_is_a_service_of_home_assistant(one: Entity, call: dict[str, Any], service: Service) -> None:
    assert service_of(one, call) == service


def test_a_call_that_no_service_does_is_refused() -> None:
    for call in ({"action": "fly", "input": {}}, {"property": "on", "value": True}):
        with pytest.raises(HomeError, match="has no service for"):
            service_of(entity("light.a"), call)


def test_temperatures_keep_their_unit_and_bounds() -> None:
    def target(**attributes: Any) -> dict[str, Any]:
        found = thing("climate.a", supported_features=1, **attributes).affordance("write", "target_temperature")
        assert found is not None
        return {key: found.schema.get(key) for key in ("unit", "minimum", "maximum", "multipleOf")}

    assert target(current_temperature=20) == {"unit": "celsius", "minimum": 7, "maximum": 35, "multipleOf": None}
    assert target(current_temperature=68) == {"unit": "fahrenheit", "minimum": 45, "maximum": 95, "multipleOf": None}
    assert target(min_temp=5, max_temp=28, target_temp_step=0.5) == {
        "unit": "celsius", "minimum": 5, "maximum": 28, "multipleOf": 0.5}


def test_what_is_not_known_now_is_left_out() -> None:
    for state in ("unknown", "unavailable", None):
        assert home_assistant.values_of(entity("sensor.a", state, device_class="power", state_class="x")) == {}
    assert home_assistant.values_of(entity("light.a", "off", supported_color_modes=["brightness"])) == {
        "on": False, "brightness": 0}


def test_saved_states_are_a_house(tmp_path: Path) -> None:
    path = tmp_path / "states.json"
    path.write_text(json.dumps([{"entity_id": "light.desk", "state": "on", "attributes": {
        "friendly_name": "Desk", "supported_color_modes": ["brightness"], "brightness": 255}}]))
    home = read_home(path)
    assert [one.name for one in home] == ["Desk"]
    assert state_of(home) == {"urn:homeassistant:light-desk": {"on": True, "brightness": 100}}


def test_the_storage_folder_is_a_house(tmp_path: Path) -> None:
    def store(name: str, data: Any) -> None:
        (tmp_path / f"core.{name}").write_text(json.dumps({"version": 1, "data": data}))

    store("area_registry", {"areas": [{"id": "a1", "name": "Pantry", "floor_id": "f1"}]})
    store("floor_registry", {"floors": [{"floor_id": "f1", "name": "Cellar"}]})
    store("device_registry", {"devices": [
        {"id": "d1", "name": "Relay", "name_by_user": "Shelf relay", "area_id": "a1"}]})
    store("restore_state", [{"state": {"entity_id": "switch.relay", "state": "on", "attributes": {}}}])
    store("entity_registry", {"entities": [
        {"entity_id": "switch.relay", "device_id": "d1", "original_name": "Outlet", "has_entity_name": True,
         "aliases": ["cold shelf"]},
        {"entity_id": "switch.gone", "disabled_by": "user"},
    ]})
    home = read_home(tmp_path)
    assert [(one.name, one.room, one.floor, one.state) for one in home] == [
        ("Shelf relay Outlet", "Pantry", "Cellar", "on")]
    assert "cold shelf" in describe(home[0])["description"]
    assert read_home(tmp_path / "core.entity_registry") == home


@pytest.mark.parametrize(("text", "words"), [
    ("entities: [", "neither valid YAML nor valid JSON"),
    ("just words", "is no Home Assistant house"),
    ("entities: [{id: nodot, name: x}]", "needs an id such as light.kitchen"),
    ("entities: [{name: x}]", "list of entries with 'id'"),
    ("areas: 7\nentities: []", "areas of the house must be a list"),
    ("entities: [{id: light.x, attributes: [1]}]", "must be an object"),
])
def test_a_file_that_is_no_house_gets_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(text)
    with pytest.raises(HomeError, match=words):
        read_home(path)
    with pytest.raises(HomeError, match="cannot be read"):
        read_home(tmp_path / "absent.yaml")


def test_the_command_prints_what_plan_takes(mill: Path, tmp_path: Path) -> None:
    app, _ = build()
    if "things" not in {group.name for group in app.registered_groups}:
        register(app)
    out = tmp_path / "state.json"
    done = CliRunner().invoke(app, ["things", "import", "home-assistant", str(mill), "--state-out", str(out)])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == things_of(read_home(mill))
    assert json.loads(out.read_text()) == state_of(read_home(mill))

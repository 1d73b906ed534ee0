"""Simulated devices behave like real ones, and every driver of ours keeps the same laws."""

from __future__ import annotations

import inspect
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device_agent.drivers import gpio, simulated
from device_agent.thing import Device, DriverError, with_forms
from firmware_py.core.errors import SchemaError
from ontology.description import read
from sim.house import WORLD, World

TD_TYPES = {"boolean", "integer", "number", "string", "object", "array", "null"}


def classes(module: Any) -> list[str]:
    return [f"{module.__name__}:{name}" for name, made in vars(module).items()
            if inspect.isclass(made) and made.__module__ == module.__name__ and not name.startswith("_")
            and made is not simulated.Simulated]


OURS = [*classes(simulated), *classes(gpio), "sim.faulty:Bell"]


@pytest.fixture(autouse=True)
def pins(monkeypatch):
    """Pins that are not there."""
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


def load(driver: str, **options: Any) -> Device:
    if "." not in driver:
        driver = f"device_agent.drivers.simulated:{driver}"
    if ".gpio:" in driver:
        options.setdefault("pin", 17)
    return Device.load({"id": "urn:motewise:it", "title": "It", "room": "hall", "driver": driver, **options})


def law_every_affordance_has_a_short_plain_title(device):
    for one in device.thing.affordances:
        assert 0 < len(one.title) <= 40, one
        assert "_" not in one.title
        assert not one.title.endswith(".")


def law_its_description_is_what_w3c_wants(device):
    td = with_forms(device.td, "home", "hall-pi", "mqtt://localhost:1883")
    assert td["@context"][0] == "https://www.w3.org/2022/wot/td/v1.1"
    assert {"id", "title", "security", "securityDefinitions", "@type"} <= set(td)
    assert td["security"] in td["securityDefinitions"]
    for group, allowed in (("actions", {"invokeaction"}),
                           ("properties", {"readproperty", "writeproperty", "observeproperty", "unobserveproperty"})):
        for one in td[group].values():
            assert one["forms"]
            for form in one["forms"]:
                assert set(form["op"]) <= allowed
                assert form["href"]
    for one in td["properties"].values():
        assert one["type"] in TD_TYPES
        assert one["readOnly"] is not any("writeproperty" in form["op"] for form in one["forms"])
    taken_in = [(one.op, one.name, one.risky, one.max_age_s) for one in read(td, "hall-pi").affordances]
    assert taken_in == [(one.op, one.name, one.risky, one.max_age_s) for one in device.thing.affordances]


def law_what_it_shows_keeps_its_own_description(device):
    assert set(device.state()) == set(device.td["properties"])
    assert device.problems == {}


def law_affects_names_what_changes(device):
    for name, one in device.td["actions"].items():
        if "input" in one or "motewise:affects" not in one:
            continue
        before = device.state()
        device.call(name)
        changed = {prop for prop, value in device.state().items() if before[prop] != value}
        assert one["motewise:affects"] in changed or not changed, name


def law_idempotent_actions_do_the_same_twice(device):
    for name, one in device.td["actions"].items():
        if one["idempotent"]:
            device.call(name)
            once = device.state()
            device.call(name)
            assert device.state() == once, name


def law_what_is_written_is_what_is_read(device):
    for name, one in device.td["properties"].items():
        if one["readOnly"]:
            continue
        for value in one.get("enum", [one.get("minimum"), one.get("maximum")]):
            device.write(name, value)
            assert device.read(name) == value


def law_two_devices_share_nothing(device):
    other = load(device.td["motewise:driver"], **({"pin": 27} if ".gpio:" in device.td["motewise:driver"] else {}))
    before = other.state()
    for name, one in device.td["actions"].items():
        if "input" not in one:
            device.call(name)
    assert other.state() == before
    other.close()


LAWS = [law for name, law in list(globals().items()) if name.startswith("law_")]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("driver", OURS, ids=lambda driver: driver.removeprefix("device_agent.drivers."))
def test_law(driver, law, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the bell keeps its count here
    device = load(driver)
    device.td["motewise:driver"] = driver
    law(device)
    device.close()


# -- each of them -----------------------------------------------------------------------------------------------------

# driver and its options; what is done; what it shows then (only what is named)
BEHAVIOUR = {
    "a light is off at first": ("Light", [], {"on": False, "brightness": 100, "colour": "white"}),
    "a light that gets a brightness turns on": ("Light", [("brightness", 40)], {"on": True, "brightness": 40}),
    "a light that gets a colour turns on": ("Light", [("colour", "blue")], {"on": True, "colour": "blue",
                                                                           "brightness": 100}),
    "a light with brightness 0 is off": ("Light", ["turn_on", ("brightness", 0)], {"on": False, "brightness": 0}),
    "a light comes back as bright as it was": (
        "Light", [("brightness", 30), ("brightness", 0), "turn_on"], {"on": True, "brightness": 30}),
    "a light that is off keeps its brightness": (
        "Light", [("brightness", 30), "turn_off"], {"on": False, "brightness": 30}),
    "a light toggles": ("Light", ["toggle"], {"on": True}),
    "a light toggles back": ("Light", ["toggle", "toggle"], {"on": False}),
    "a blind is closed at first": ("Blind", [], {"position": 0}),
    "a blind opens at once": ("Blind", ["open"], {"position": 100}),
    "a blind closes at once": ("Blind", [("position", 30), "close"], {"position": 0}),
    "a thermostat does not heat the room": (
        "Thermostat", [("target_temperature", 25)], {"target_temperature": 25.0, "current_temperature": 19.5,
                                                     "mode": "heat"}),
    "a thermostat that is off keeps its target": ("Thermostat", ["turn_off"], {"mode": "off",
                                                                               "target_temperature": 20.0}),
    "a thermostat heats again": ("Thermostat", [("mode", "cool"), "turn_on"], {"mode": "heat"}),
    "a lock is locked at first": ("Lock", [], {"locked": True}),
    "a lock unlocks": ("Lock", ["unlock"], {"locked": False}),
    "a lock locks": ("Lock", ["unlock", "lock"], {"locked": True}),
    "a fan keeps its speed when it starts": ("Fan", ["turn_on"], {"on": True, "speed": 50}),
    "a fan that gets a speed runs": ("Fan", [("speed", 80)], {"on": True, "speed": 80}),
    "a fan with speed 0 stands": ("Fan", ["turn_on", ("speed", 0)], {"on": False, "speed": 0}),
    "a fan runs again as fast as it did": ("Fan", [("speed", 80), ("speed", 0), "turn_on"], {"on": True, "speed": 80}),
    "a socket that is on uses power": ("Socket", ["turn_on"], {"on": True, "power": 60.0}),
    "a socket that is off uses none": ("Socket", ["turn_on", "turn_off"], {"on": False, "power": 0.0}),
    "a volume starts no music": ("Speaker", [("volume", 15)], {"volume": 15, "playing": False}),
    "a speaker plays": ("Speaker", ["turn_off", "play"], {"on": True, "playing": True}),
    "a speaker that is turned off is silent": ("Speaker", ["play", "turn_off"], {"on": False, "playing": False}),
    "a speaker is muted": ("Speaker", ["play", "mute"], {"muted": True, "playing": True, "volume": 30}),
    "a vacuum cleans": ("Vacuum", ["start"], {"state": "cleaning"}),
    "a vacuum stops where it is": ("Vacuum", ["start", "pause"], {"state": "paused"}),
    "a vacuum in its dock stays there": ("Vacuum", ["pause"], {"state": "docked"}),
    "a vacuum goes home": ("Vacuum", ["start", "dock"], {"state": "docked"}),
    "nobody is there at first": ("MotionSensor", [], {"occupied": False}),
    "a door is closed at first": ("DoorSensor", [], {"open": False}),
}


@pytest.mark.parametrize(("driver", "done", "shows"), BEHAVIOUR.values(), ids=BEHAVIOUR)
def test_behaviour(driver, done, shows):
    device = load(driver)
    for step in done:
        if isinstance(step, str):
            device.call(step)
        else:
            device.write(*step)
    state = device.state()
    assert {name: state[name] for name in shows} == shows


def test_music_goes_on_where_it_was():
    speaker = load("Speaker")
    speaker.call("play", {"music": "jazz"})
    speaker.call("pause")
    speaker.call("play")
    assert (speaker.read("music"), speaker.read("playing")) == ("jazz", True)
    speaker.call("stop")
    assert (speaker.read("music"), speaker.read("playing")) == ("", False)


def test_only_what_changed_is_told():
    light = load("Light")
    heard: list[tuple[str, ...]] = []
    light.changed.append(lambda *names: heard.append(names))
    light.call("turn_off")
    light.call("turn_on")
    light.write("brightness", 100)
    assert heard == [("on",)]


@pytest.mark.parametrize(("driver", "name", "value"), [
    ("MotionSensor", "occupied", True), ("DoorSensor", "open", True), ("TemperatureSensor", "temperature", 26.0),
    ("HumiditySensor", "humidity", 80), ("Lock", "locked", False), ("Thermostat", "current_temperature", 15.0),
])
def test_put_changes_what_a_device_sees_and_tells_it(driver, name, value):
    device = load(driver)
    heard: list[tuple[str, ...]] = []
    device.changed.append(lambda *names: heard.append(names))
    for _ in range(2):  # seeing the same again is news too: the value is fresh
        device.put(name, value)
    assert device.read(name) == value
    assert heard == [(name,), (name,)]


def test_put_takes_only_what_the_device_could_see():
    with pytest.raises(SchemaError, match="must be true or false"):
        load("MotionSensor").put("occupied", "yes")
    with pytest.raises(DriverError, match="no property 'motion'"):
        load("MotionSensor").put("motion", True)
    with pytest.raises(DriverError, match="real device"):
        load("device_agent.drivers.gpio:Light").put("on", True)


def test_first_values_are_options():
    assert load("Light", on=True, brightness=20, colour="pink").state() == {
        "on": True, "brightness": 20, "colour": "pink"}
    assert load("TemperatureSensor", temperature=18).read("temperature") == 18
    with pytest.raises(DriverError, match="outside 0 to 100 percent"):
        load("Light", brightness=120)


@pytest.mark.parametrize("driver", ["MotionSensor", "DoorSensor", "TemperatureSensor", "HumiditySensor"])
def test_what_rules_watch_grows_old(driver):
    ages = [one.max_age_s for one in load(driver).thing.affordances if one.op == "read"]
    assert all(age and age >= 120 for age in ages)


def test_only_unlocking_needs_a_yes():
    risky = {one.name for one in load("Lock").thing.affordances if one.risky}
    assert risky == {"unlock"}


def test_every_device_of_the_simulated_house_can_be_made():
    devices = [Device.load(entry) for host in World.read(WORLD).hosts for entry in host.things]
    assert len({device.thing.segment for device in devices}) == len(devices)
    shown = {f"{device.thing.segment}/{name}": value for device in devices for name, value in device.state().items()}
    assert shown["front-door-lock/locked"] is True
    assert shown["bedroom-blind/position"] == 0


def test_the_bell_rings_in_the_folder_of_its_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bell = Device.load({"id": "urn:motewise:doorbell", "title": "Doorbell", "driver": "sim.faulty:Bell"})
    bell.call("ring", {})
    bell.call("ring", {})
    assert len((tmp_path / "rings").read_bytes().splitlines()) == 2
    (ring,) = bell.thing.affordances
    assert (ring.op, ring.name, ring.idempotent, ring.risky) == ("action", "ring", False, False)

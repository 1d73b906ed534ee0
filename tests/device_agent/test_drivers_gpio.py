"""Devices on pins, on gpiozero's own mock of a Raspberry Pi."""

from __future__ import annotations

import threading
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device_agent.thing import Device, DriverError


@pytest.fixture(autouse=True)
def pins(monkeypatch):
    """The pins of a Raspberry Pi that is not there."""
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


@pytest.fixture
def load():
    """Load a device on pin 17; it is closed at the end."""
    devices = []

    def loaded(name: str, **options: Any) -> Device:
        devices.append(Device.load({"id": "urn:motewise:it", "title": "It", "pin": 17,
                                    "driver": f"device_agent.drivers.gpio:{name}", **options}))
        return devices[-1]

    yield loaded
    for device in devices:
        device.close()


def heard(device: Device) -> tuple[list[str], threading.Event]:
    """What the device tells from now on, and an event that it sets each time."""
    names: list[str] = []
    news = threading.Event()

    def hear(*told: str) -> None:
        names.extend(told)
        news.set()

    device.changed.append(hear)
    return names, news


@pytest.mark.parametrize("name", ["Light", "DimmableLight", "Socket"])
@pytest.mark.parametrize("active_high", [True, False])
def test_an_output_moves_its_pin(pins, load, name, active_high):
    device, pin = load(name, active_high=active_high), pins.pin(17)
    assert (device.read("on"), bool(pin.state)) == (False, not active_high)
    device.call("turn_on")
    assert (device.read("on"), bool(pin.state)) == (True, active_high)
    device.call("turn_off")
    assert (device.read("on"), bool(pin.state)) == (False, not active_high)


@pytest.mark.parametrize("name", ["Light", "DimmableLight"])
def test_a_light_toggles(pins, load, name):
    light = load(name)
    states = []
    for _ in range(3):
        light.call("toggle")
        states.append((light.read("on"), bool(pins.pin(17).state)))
    assert states == [(True, True), (False, False), (True, True)]


@pytest.mark.parametrize("name", ["Light", "DimmableLight", "Socket"])
def test_an_output_may_be_on_from_the_beginning(pins, load, name):
    assert load(name, on=True).read("on") is True
    assert pins.pin(17).state


def test_a_light_is_dimmed_by_pulses(pins, load):
    light, pin = load("DimmableLight", frequency=200), pins.pin(17)
    light.write("brightness", 40)
    assert (pin.state, pin.frequency) == (pytest.approx(0.4), 200)
    assert light.state() == {"on": True, "brightness": 40}
    light.call("turn_off")
    assert pin.state == 0
    assert light.state() == {"on": False, "brightness": 40}
    light.call("turn_on")
    assert pin.state == pytest.approx(0.4)
    light.write("brightness", 0)
    assert light.state() == {"on": False, "brightness": 0}
    light.call("turn_on")
    assert pin.state == 1


def test_a_button_tells_every_press_and_release(pins, load):
    button, pin = load("Button"), pins.pin(17)
    names, _ = heard(button)
    assert button.state() == {"pressed": False, "presses": 0}
    pin.drive_low()
    assert button.state() == {"pressed": True, "presses": 1}
    pin.drive_high()
    pin.drive_low()
    pin.drive_high()
    assert button.state() == {"pressed": False, "presses": 2}
    assert names == ["pressed", "presses", "pressed"] * 2


def test_a_button_may_switch_to_high(pins, load):
    button = load("Button", pull_up=False)
    pins.pin(17).drive_high()
    assert button.read("pressed") is True


def test_a_door_is_open_when_its_contact_is(pins, load):
    door, pin = load("DoorSensor", bounce=0.0), pins.pin(17)
    names, _ = heard(door)
    assert door.read("open") is True
    pin.drive_low()
    assert door.read("open") is False
    pin.drive_high()
    assert door.read("open") is True
    assert names == ["open", "open"]


def test_a_motion_sensor_tells_who_comes_and_goes(pins, load):
    sensor, pin = load("MotionSensor"), pins.pin(17)
    names, news = heard(sensor)
    for level, occupied in ((pin.drive_high, True), (pin.drive_low, False)):
        news.clear()
        level()
        assert news.wait(5)
        assert sensor.read("occupied") is occupied
    assert names == ["occupied", "occupied"]


def test_a_pin_is_free_again_after_close(pins, load):
    load("Light").close()
    load("Socket").call("turn_on")
    assert pins.pin(17).state


@pytest.mark.parametrize(("name", "options", "sentence"), [
    ("Light", {"pin": 99}, "The It could not be started: 99 is not a valid pin name."),
    ("Light", {"pin": "GPIO"}, "GPIO is not a valid pin name"),
    ("Light", {"pin": True}, "The option 'pin' must be a number or a name"),
    ("Light", {"pin": ""}, "The option 'pin' must be a number or a name"),
    ("Light", {"active_high": "yes"}, "active_high must be true or false"),
    ("DimmableLight", {"brightness": 101}, "outside 0 to 100 percent"),
    ("Button", {"bounce": -1}, "outside 0 to 60 second"),
])
def test_a_wrong_option_is_told_in_one_sentence(load, name, options, sentence):
    with pytest.raises(DriverError) as raised:
        load(name, **options)
    assert sentence in str(raised.value)


def test_two_devices_cannot_share_a_pin(load):
    load("Light")
    with pytest.raises(DriverError, match=r"could not be started: .*already in use"):
        load("Socket")


def test_without_pins_it_says_so(load, monkeypatch):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "nosuch")
    with pytest.raises(DriverError, match="The It could not be started: "):
        load("Light")

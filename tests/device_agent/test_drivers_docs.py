"""What docs/drivers.md and examples/things.toml show works as it stands there."""

from __future__ import annotations

import doctest
import re
import sys
import tomllib
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device_agent.config import Config
from device_agent.thing import Device
from ontology.description import Thing

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "drivers.md"
EXAMPLE = ROOT / "examples" / "things.toml"


@pytest.fixture(autouse=True)
def pins(monkeypatch):
    """Pins that are not there."""
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The guide's modules, where a person would put them; they are forgotten afterwards."""
    named = re.findall(r"^`(\w+\.py)`.*?:\n```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(named) == len(blocks("python"))
    for name, source in named:
        (tmp_path / name).write_text(source, "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def things_of(tables: list[dict]) -> dict[str, Thing]:
    devices = [Device.load(table) for table in tables]
    for device in devices:
        device.close()
    return {device.thing.segment: device.thing for device in devices}


def test_the_first_device_has_ten_lines():
    lines = [line for line in blocks("python")[0].splitlines() if line.strip()]
    assert len(lines) <= 10


def test_the_sessions_of_the_guide_come_out_as_shown(beside):
    tried = doctest.testfile(str(GUIDE), module_relative=False, optionflags=doctest.REPORT_NDIFF, encoding="utf-8")
    assert tried.failed == 0
    assert tried.attempted >= 10


def test_every_thing_of_the_guide_can_be_loaded(beside):
    tables = [table for block in blocks("toml") for table in tomllib.loads(block)["thing"]]
    things = things_of(tables)
    assert set(things) == {"garden-pump", "bath-heater", "kitchen-radio", "fridge-plug"}
    assert things["kitchen-radio"].affordance("action", "set_volume").fields[0].schema["unit"] == "percent"


def test_the_example_for_a_raspberry_pi_can_be_loaded(tmp_path):
    source = EXAMPLE.read_text("utf-8")
    (tmp_path / "things.toml").write_text(source, "utf-8")
    config = Config.read(tmp_path / "things.toml")
    things = things_of(list(config.things))
    assert set(things) == {"hall-lamp", "button-light", "hall-button", "hall-motion", "fountain", "hall-radio",
                           "hall-heater-plug"}
    assert {kind for thing in things.values() for kind in thing.kinds} == {
        "Light", "Button", "MotionSensor", "Socket", "Speaker"}


def test_the_example_for_any_computer_can_be_loaded():
    config = Config.read(EXAMPLE.with_name("simulated.toml"))
    assert set(things_of(list(config.things))) == {"hall-lamp", "hall-fan", "hall-thermometer", "front-door-lock"}


def test_the_guide_names_every_ready_made_driver():
    rows = re.findall(r"^\| `(gpio|simulated):`.*\| (.*) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    for module, names in rows:
        found = __import__(f"device_agent.drivers.{module}", fromlist=["_"])
        ours = {name for name, made in vars(found).items() if isinstance(made, type) and not name.startswith("_")
                and made.__module__ == found.__name__ and name != "Simulated"}
        assert set(re.findall(r"`(\w+)`", names)) == ours
    assert len(rows) == 2

"""A class or a module becomes a Thing Description; a Device calls it and fails in one sentence."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from device_agent import thing
from device_agent.thing import Celsius, Device, Driver, DriverError, Percent, Range, Unit, action, describe, prop
from firmware_py.core.errors import SchemaError

ME = {"id": "urn:motewise:desk-lamp", "title": "Desk lamp", "room": "study", "floor": "upper floor"}


class Lamp(Driver):
    """A lamp on a desk.

    More about it."""

    kind = "Light"

    def __init__(self, watts: int = 5) -> None:
        self.watts_given = watts
        self._on, self._brightness, self.closed = False, 50, 0

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the lamp on."""
        self._on = True
        self.changed("on")

    @action(risk="confirm", title="Make it flash")
    def blink(self, times: Annotated[int, Range(1, 10), "how often"], colour: Literal["red", "blue"] = "red",
              note: str | None = None) -> str:
        """Flash a number of times in a colour, and say afterwards what was done and how long all of it took."""
        assert isinstance(times, int)
        return f"{times} {colour} {note}"

    @property
    def on(self) -> bool:
        """On or off"""
        return self._on

    @property
    @prop(max_age_s=60)
    def warmth(self) -> Celsius:
        """Warmth

        How warm the
        lamp is.

        Measured inside."""
        return 20.5

    @property
    def brightness(self) -> Percent:
        return self._brightness

    @brightness.setter
    def brightness(self, value: int) -> None:
        assert isinstance(value, int)
        self._brightness = value

    def shut_down(self) -> None:
        self.closed += 1

    def _private(self, anything):
        raise AssertionError

    @staticmethod
    def helper(anything):
        raise AssertionError


def device(driver: Any) -> Device:
    return Device(driver, **ME)


def test_a_class_becomes_a_thing_description():
    td = describe(Lamp, **ME)
    assert (td["id"], td["title"]) == ("urn:motewise:desk-lamp", "Desk lamp")
    assert (td["@type"], td["description"]) == ("Light", "A lamp on a desk.")
    assert (td["motewise:room"], td["motewise:floor"]) == ("study", "upper floor")
    assert td["actions"] == {
        "turn_on": {"title": "Turn the lamp on", "idempotent": True, "safe": False, "motewise:affects": "on"},
        "blink": {
            "title": "Make it flash", "idempotent": False, "safe": False, "motewise:risk": "confirm",
            "description": "Flash a number of times in a colour, and say afterwards what was done and how long all of "
                           "it took.",
            "input": {"type": "object", "required": ["times"], "properties": {
                "times": {"type": "integer", "minimum": 1, "maximum": 10, "description": "how often"},
                "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "note": {"type": "string"}}},
            "output": {"type": "string"}},
    }
    assert td["properties"] == {
        "on": {"type": "boolean", "title": "On or off", "readOnly": True, "observable": True},
        "warmth": {"type": "number", "unit": "celsius", "title": "Warmth", "description": "How warm the lamp is.",
                   "readOnly": True, "observable": True, "motewise:maxAge": 60},
        "brightness": {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent", "title": "Brightness",
                       "readOnly": False, "observable": True},
    }


def test_a_class_and_its_object_have_the_same_description():
    assert describe(Lamp, **ME) == describe(Lamp(), **ME) == device(Lamp()).td


def module(source: str) -> types.ModuleType:
    made = types.ModuleType("garden_pump")
    exec(source, vars(made))
    return made


def test_functions_of_a_module_become_actions_and_properties():
    made = module('"""The pump."""\n'
                  "from os.path import join\n"
                  "_runs = []\n"
                  "def running() -> bool:\n    'Running'\n    return bool(_runs)\n"
                  "def run(minutes: int) -> None:\n    'Run the pump.'\n    _runs.append(minutes)\n"
                  "def stop():\n    'Stop'\n    _runs.clear()\n")
    pump = device(made)
    assert (pump.td["@type"], pump.td["description"]) == ("GardenPump", "The pump.")
    assert list(pump.td["actions"]) == ["run", "stop"]
    assert list(pump.td["properties"]) == ["running"]
    pump.call("run", {"minutes": 3})
    assert pump.state() == {"running": True}
    pump.call("stop")
    assert pump.state() == {"running": False}


def test_affordances_of_a_base_class_are_offered_and_may_be_replaced():
    class Better(Lamp):
        """A better lamp."""

        def turn_on(self) -> None:
            """Switch it on."""

        def turn_off(self) -> None:
            """Switch it off."""

    td = describe(Better, **ME)
    assert td["description"] == "A better lamp."
    assert {name: one["title"] for name, one in td["actions"].items()} == {
        "blink": "Make it flash", "turn_on": "Switch it on", "turn_off": "Switch it off"}
    assert td["actions"]["turn_on"]["idempotent"] is False


def test_prop_may_stand_above_property():
    class Sensor:
        @prop(max_age_s=5, title="Depth")
        @property
        def level(self) -> Annotated[float, Range(0, None, 0.5), Unit("metre")]:
            return 1.0

    assert describe(Sensor, **ME)["properties"]["level"] == {
        "type": "number", "minimum": 0, "multipleOf": 0.5, "unit": "metre", "title": "Depth", "readOnly": True,
        "observable": True, "motewise:maxAge": 5}


WRONG = {
    "no annotation of a parameter": ("def set(self, level): ...", "Give the parameter 'level' of Odd.set a type"),
    "no type of a property": ("@property\n    def level(self): ...", "Say what Odd.level gives"),
    "any number of parameters": ("def set(self, *levels: int): ...", "may only take named parameters"),
    "async": ("async def set(self): ...", "must be a plain function"),
    "a type that no message can carry": ("def set(self, level: bytes): ...", "The type bytes of level of Odd.set"),
    "a name that is not known": ("def set(self, level: Lvel): ...", "'Lvel' is not defined"),
    "choices of two kinds": ("def set(self, level: Literal['a', 1]): ...", "must all be texts"),
    "a range of a text": ("def set(self, level: Annotated[str, Range(0, 1)]): ...", "Only numbers have a Range"),
    "a range upside down": ("def set(self, level: Annotated[int, Range(2, 1)]): ...", "ends below its beginning"),
    "affects nothing": ("@action(affects='level')\n    def set(self): ...", "affects 'level', which is not one"),
    "a name that is no topic": ("def setLevel(self): ...", "may only contain a-z"),
    "nothing at all": ("level = 3", "offers nothing"),
}


@pytest.mark.parametrize(("body", "sentence"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_offered_is_refused_with_what_to_do(body, sentence):
    made = module("from typing import Annotated, Literal\nfrom device_agent.thing import *\n"
                  f"class Odd:\n    {body}\n")
    with pytest.raises(DriverError, match=re.escape(sentence)):
        describe(made.Odd, **ME)


def test_forms_say_where_each_affordance_is_on_the_wire():
    lamp = device(Lamp())
    td = thing.with_forms(lamp.td, "home", "study-pi", "mqtt://ann:secret@broker.local:1883")
    assert td["base"] == "mqtt://broker.local:1883/"
    assert "secret" not in json.dumps(td)
    where = {name: [(form["href"], *form["op"]) for form in one["forms"]]
             for name, one in {**td["actions"], **td["properties"]}.items()}
    root = "motewise/1/home/study-pi/desk-lamp"
    read = ("readproperty", "observeproperty", "unobserveproperty")
    assert where["turn_on"] == [(f"{root}/subtask", "invokeaction")]
    assert where["on"] == [(f"{root}/property/on", *read)]
    assert where["brightness"] == [(f"{root}/property/brightness", *read),
                                   (f"{root}/property/brightness/set", "writeproperty")]
    assert "forms" not in lamp.td["properties"]["on"], "the Device's own description stays as it is"


def test_reading_writing_and_calling_reach_the_driver():
    lamp = device(Lamp())
    assert lamp.state() == {"on": False, "warmth": 20.5, "brightness": 50}
    assert lamp.call("turn_on") is None
    lamp.write("brightness", 40.0)
    assert (lamp.read("on"), lamp.read("brightness")) == (True, 40)
    assert lamp.call("blink", {"times": 2.0}) == "2 red None"
    assert lamp.call("blink", {"times": 2, "colour": "blue", "note": "x"}) == "2 blue x"


@pytest.mark.parametrize(("act", "sentence"), [
    (lambda lamp: lamp.write("brightness", 101), "outside 0 to 100 percent"),
    (lambda lamp: lamp.write("brightness", "40"), "must be a whole number"),
    (lambda lamp: lamp.write("brightness", True), "must be a whole number"),
    (lambda lamp: lamp.call("blink", {}), "needs 'times'"),
    (lambda lamp: lamp.call("blink", {"times": 11}), "outside 1 to 10"),
    (lambda lamp: lamp.call("blink", {"times": 1, "colour": "green"}), "must be one of: red, blue"),
    (lambda lamp: lamp.call("blink", {"times": 1, "self": 2}), "takes no 'self'"),
    (lambda lamp: lamp.call("turn_on", {"now": True}), "takes no 'now'"),
])
def test_values_that_the_description_does_not_allow_never_reach_the_driver(act, sentence):
    lamp = device(Lamp())
    with pytest.raises(SchemaError, match=sentence):
        act(lamp)
    assert lamp.state() == {"on": False, "warmth": 20.5, "brightness": 50}


@pytest.mark.parametrize(("act", "sentence"), [
    (lambda lamp: lamp.write("on", True), "on or off of the Desk lamp can be read, but not set"),
    (lambda lamp: lamp.read("colour"), "The Desk lamp has no property 'colour'"),
    (lambda lamp: lamp.call("_private"), "The Desk lamp has no action '_private'"),
    (lambda lamp: lamp.call("shut_down"), "no action 'shut_down'"),
    (lambda lamp: lamp.call("helper", {"anything": 1}), "no action 'helper'"),
    (lambda lamp: lamp.put("on", True), "belongs to a real device"),
])
def test_what_is_not_offered_cannot_be_asked_for(act, sentence):
    with pytest.raises(DriverError, match=sentence):
        act(device(Lamp()))


class Faulty:
    """Gives whatever it is told to give."""

    def __init__(self, get: Callable[[], Any]) -> None:
        self._get = get

    def act(self) -> int:
        """Act"""
        return self._get()

    @property
    def level(self) -> Annotated[int, Range(0, 10)]:
        """Level"""
        return self._get()

    @property
    def fine(self) -> int:
        return 1


def faulty(value: Any = None, error: BaseException | None = None) -> Device:
    def get() -> Any:
        if error is not None:
            raise error
        return value

    return device(Faulty(get))


@pytest.mark.parametrize(("error", "sentence"), [
    (OSError("the bus\n  is gone"), "The Desk lamp could not tell its level: the bus is gone."),
    (ZeroDivisionError(), "The Desk lamp could not tell its level: ZeroDivisionError."),
    (KeyError("temp"), "The Desk lamp could not tell its level: 'temp' is missing."),
    (SystemExit("stop!"), "The Desk lamp could not tell its level: stop!"),
    (ValueError("x" * 5000), "The Desk lamp could not tell its level: " + "x" * 300 + "…."),
    (DriverError("There is no program 'lamp'."), "There is no program 'lamp'."),
])
def test_whatever_a_driver_raises_becomes_one_sentence(error, sentence):
    with pytest.raises(DriverError) as raised:
        faulty(error=error).read("level")
    assert str(raised.value) == sentence


@pytest.mark.parametrize("value", ["3", 3.5, None, True, 11, float("nan"), float("inf"), {1, 2}, object()])
def test_a_value_that_the_driver_promised_never_to_give_is_an_error(value):
    with pytest.raises(DriverError, match="which it says it never does"):
        faulty(value).read("level")


def test_an_answer_of_the_wrong_type_is_an_error():
    with pytest.raises(DriverError, match="The answer of 'Act'"):
        faulty("three").call("act")


def test_a_property_that_fails_does_not_hide_the_others(caplog):
    broken = faulty(error=OSError("no bus"))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert broken.state() == {"fine": 1}
    assert broken.problems == {"level": "The Desk lamp could not tell its level: no bus."}
    assert len(caplog.records) == 1, "the same problem is told once"


def test_changes_are_told_from_any_thread(caplog):
    driver = Lamp()
    lamp = device(driver)
    heard = []
    lamp.changed.append(lambda *names: heard.append((threading.current_thread().name, names)))
    worker = threading.Thread(target=driver.changed, args=("on", "brightness"), name="pin watcher")
    worker.start()
    worker.join()
    lamp.call("turn_on")
    assert heard == [("pin watcher", ("on", "brightness")), (threading.current_thread().name, ("on",))]
    driver.changed("colour")
    assert len(heard) == 2
    assert "colour" in caplog.text


def test_one_call_at_a_time_reaches_the_driver(monkeypatch):
    monkeypatch.setattr(thing, "BUSY_S", 0.05)
    inside, leave = threading.Event(), threading.Event()

    class Slow:
        def act(self) -> None:
            inside.set()
            leave.wait(5)

        @property
        def level(self) -> int:
            return 1

    slow = device(Slow())
    worker = threading.Thread(target=slow.call, args=("act",))
    worker.start()
    inside.wait(5)
    with pytest.raises(DriverError, match="still busy"):
        slow.call("act")
    assert slow.state() == {}
    assert slow.problems == {"level": "The Desk lamp could not tell how it is: it is still busy with something else."}
    leave.set()
    worker.join()
    slow.call("act")
    assert (slow.state(), slow.problems) == ({"level": 1}, {})


def test_close_releases_the_driver_and_ends_its_reports():
    driver = Lamp()
    lamp = device(driver)
    heard = []
    lamp.changed.append(lambda *names: heard.append(names))
    lamp.close()
    driver.changed("on")
    assert (driver.closed, heard) == (1, [])


# -- things.toml ------------------------------------------------------------------------------------------------------

@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Write a module into a folder at the end of sys.path; it is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


LAMP = ("from device_agent.thing import Driver, DriverError\n"
        "class Lamp(Driver):\n"
        "    '''A lamp.'''\n"
        "    def __init__(self, pin: int, label: str = 'x', bus=None):\n"
        "        if pin == 13:\n            raise DriverError('Pin 13 is taken.')\n"
        "        if pin == 14:\n            raise OSError('no such pin')\n"
        "        self.options = (pin, label, bus)\n"
        "    def turn_on(self) -> None:\n        '''Turn it on.'''\n")


def test_a_thing_is_loaded_from_its_table(beside):
    beside("my_lamp", LAMP)
    entry = {"id": "urn:motewise:desk-lamp", "title": "Desk lamp", "room": "study", "floor": "upper floor",
             "description": "Mine.", "driver": "my_lamp:Lamp", "pin": 4, "bus": {"any": "thing"}}
    lamp = Device.load(entry)
    assert lamp._driver.options == (4, "x", {"any": "thing"})
    assert (lamp.thing.title, lamp.thing.room, lamp.thing.floor) == ("Desk lamp", "study", "upper floor")
    assert (lamp.thing.description, lamp.thing.segment) == ("Mine.", "desk-lamp")


def test_a_table_may_say_what_kind_of_thing_it_is():
    pump = Device.load({"id": "urn:motewise:pump", "driver": "device_agent.drivers.simulated:Socket", "kind": "Pump"})
    assert (pump.td["@type"], pump.td["@context"][1]["Pump"]) == ("Pump", "motewise:Pump")
    assert pump.thing.kinds == ("Pump",)


def test_a_title_is_made_of_the_id_if_none_is_given(beside):
    beside("my_lamp", LAMP)
    assert Device.load({"id": "urn:motewise:desk-lamp_2", "driver": "my_lamp:Lamp", "pin": 4}).title == "Desk lamp 2"


def test_a_module_can_be_a_driver(beside):
    beside("my_pump", "def run():\n    'Run'\n")
    assert list(Device.load({"id": "urn:motewise:pump", "driver": "my_pump"}).td["actions"]) == ["run"]


@pytest.mark.parametrize(("more", "sentence"), [
    ({"driver": None}, "needs 'driver'"),
    ({"id": 7}, "needs 'id'"),
    ({"kind": "a lamp"}, "The 'kind' of the Desk lamp must be one word"),
    ({"room": 7}, "The 'room' of urn:motewise:desk-lamp must be a text"),
    ({"id": "urn:motewise:Desk Lamp"}, "may only contain a-z"),
    ({"driver": "no_such_lamp:Lamp"}, "no driver module 'no_such_lamp' for the Desk lamp; write it beside things.toml"),
    ({"driver": "my_lamp:Lantern"}, "no class 'Lantern' in the module 'my_lamp'"),
    ({"driver": "my_lamp:DriverErrors"}, "no class"),
    ({"driver": "my_lamp:"}, "no class ''"),
    ({"driver": "needs_more:Lamp"}, "needs the Python package 'no_such_package'"),
    ({"driver": "broken_lamp:Lamp"}, "'broken_lamp' of the Desk lamp cannot be loaded: SyntaxError"),
    ({"pin": "4"}, "The pin must be a whole number"),
    ({"pin": None}, "The pin must be a whole number"),
    ({"colour": "red"}, "has no option 'colour'; its options: pin, label, bus"),
    ({"pin": 13}, "The Desk lamp cannot be used: Pin 13 is taken."),
    ({"pin": 14}, "The Desk lamp could not be started: no such pin."),
    ({"driver": "my_pump", "pin": 4}, "has no option 'pin'; its options: none"),
    ({"driver": "odd_lamp:Lamp", "pin": 4}, "Give the parameter 'x'"),
])
def test_a_table_that_cannot_be_used_is_refused_in_one_sentence(beside, more, sentence):
    beside("my_lamp", LAMP)
    beside("my_pump", "def run():\n    'Run'\n")
    beside("needs_more", "import no_such_package\n")
    beside("broken_lamp", "class Lamp\n")
    beside("odd_lamp", LAMP + "    def odd(self, x): ...\n")
    entry = {"id": "urn:motewise:desk-lamp", "title": "Desk lamp", "driver": "my_lamp:Lamp", "pin": 4, **more}
    with pytest.raises(DriverError) as raised:
        Device.load(entry)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_option_is_named(beside):
    beside("my_lamp", LAMP)
    with pytest.raises(DriverError, match="The driver of the Lamp needs the option 'pin'"):
        Device.load({"id": "urn:motewise:lamp", "driver": "my_lamp:Lamp"})


def test_missing_gpiozero_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    monkeypatch.delitem(sys.modules, "device_agent.drivers.gpio", raising=False)
    with pytest.raises(DriverError, match=r"pip install 'motewise\[gpio\]'"):
        Device.load({"id": "urn:motewise:lamp", "driver": "device_agent.drivers.gpio:Light", "pin": 4})

"""Devices that programs control: what is run, what is understood of the answer, and how it fails."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from device_agent.thing import Device, DriverError
from firmware_py.core.errors import SchemaError

TOOL = """
import json, os, sys, time
from pathlib import Path
store = Path(__file__).with_name("store")
words = sys.argv[1:]
if words[0] == "get":
    print(store.read_text() if store.exists() else words[1])
elif words[0] == "set":
    store.write_text(words[1])
elif words[0] == "say":
    told = {name: value for name, value in os.environ.items() if name.startswith("MOTEWISE_")}
    Path(__file__).with_name("said").write_text(json.dumps([words[1:], told, os.getcwd()]))
elif words[0] == "fail":
    print("trying", file=sys.stderr)
    print("the lamp is not plugged in.", file=sys.stderr)
    sys.exit(3)
elif words[0] == "hang":
    import subprocess
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(__file__).with_name("child").write_text(str(child.pid))
    time.sleep(60)
"""


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A program that stores a value, and says what it was told: nothing that whoever runs the tests has set."""
    for name in [name for name in os.environ if name.startswith("MOTEWISE_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "tool.py"
    path.write_text(TOOL)
    return [sys.executable, str(path)]


def load(**options: Any) -> Device:
    return Device.load({"id": "urn:motewise:it", "title": "It", "driver": "device_agent.drivers.command:Command",
                        **options})


def prop(tool: list[str], first: str, **row: Any) -> Device:
    return load(properties={"level": {"type": "integer", "get": [*tool, "get", first], **row}})


def test_options_become_a_thing_description(tool):
    td = load(
        kind="Speaker", description="In the kitchen.",
        properties={"volume": {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent", "title": "Volume",
                               "get": tool, "set": [*tool, "{value}"], "max_age_s": 60},
                    "mood": {"type": "string", "description": "What it plays.", "get": tool}},
        actions={"play": {"title": "Play", "description": "Play a station.", "do": [*tool, "{station}"],
                          "input": {"station": {"type": "string", "enum": ["news", "jazz"]}}, "idempotent": True,
                          "affects": "mood", "risk": "confirm"}},
    ).td
    assert (td["@type"], td["description"]) == ("Speaker", "In the kitchen.")
    assert td["properties"]["volume"] == {
        "type": "integer", "minimum": 0, "maximum": 100, "unit": "percent", "title": "Volume", "readOnly": False,
        "observable": True, "motewise:maxAge": 60}
    assert td["properties"]["mood"] == {"type": "string", "title": "Mood", "description": "What it plays.",
                                        "readOnly": True, "observable": True}
    assert td["actions"]["play"] == {
        "title": "Play", "description": "Play a station.", "idempotent": True, "safe": False,
        "motewise:affects": "mood", "motewise:risk": "confirm",
        "input": {"type": "object", "required": ["station"],
                  "properties": {"station": {"type": "string", "enum": ["news", "jazz"]}}}}


def test_a_property_is_set_and_got_by_programs(tool):
    device = prop(tool, "7", set=[*tool, "set", "{value}"])
    assert device.read("level") == 7
    device.write("level", 40)
    assert device.read("level") == 40


@pytest.mark.parametrize(("kind", "printed", "value"), [
    ("integer", "42\n", 42), ("integer", " -3 ", -3), ("number", "21.5", 21.5), ("number", "21", 21),
    ("boolean", "ON", True), ("boolean", "off", False), ("boolean", "1", True), ("boolean", "no", False),
    ("string", " two words \n", "two words"),
])
def test_what_is_printed_is_understood(tool, kind, printed, value):
    assert prop(tool, printed, type=kind).read("level") == value


@pytest.mark.parametrize(("kind", "printed"), [
    ("integer", "4.5"), ("integer", "many"), ("integer", ""), ("number", "nan"), ("number", "1e999"),
    ("boolean", "maybe"),
])
def test_what_is_printed_must_fit(tool, kind, printed):
    with pytest.raises(DriverError):
        prop(tool, printed, type=kind).read("level")


def test_words_of_the_program_may_mean_values(tool):
    device = prop(tool, "inactive", type="boolean", values={"active": True, "inactive": False},
                  set=[*tool, "set", "{value}"])
    assert device.read("level") is False
    device.write("level", True)
    assert device.read("level") is True
    assert Path(tool[1]).with_name("store").read_text() == "active"
    device = prop(tool, "active", type="boolean", values={"failed": False})
    with pytest.raises(DriverError, match="answered by 'active', which its 'values' do not know"):
        device.read("level")


def said(tool: list[str]) -> Any:
    return json.loads(Path(tool[1]).with_name("said").read_text())


HOSTILE = ["; rm -rf /", "$(reboot)", "`reboot`", "a b  c", "'\"\\", "| cat", "{value}", "{other}", "%s", "\n", "ä€😀"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_is_one_argument_whatever_it_holds(tool, text):
    device = load(actions={"play": {"input": {"song": {"type": "string"}, "other": {"type": "string"}},
                                    "do": [*tool, "say", "{song}", "--title={song}", "{other}"]}})
    device.call("play", {"song": text, "other": "last"})
    arguments, told, _ = said(tool)
    assert arguments == [text, f"--title={text}", "last"]
    assert told == {"MOTEWISE_SONG": text, "MOTEWISE_OTHER": "last"}


def test_values_are_written_as_a_person_would(tool):
    device = load(actions={"set": {"input": {"on": {"type": "boolean"}, "level": {"type": "integer"},
                                             "heat": {"type": "number"}},
                                   "do": [*tool, "say", "{on}", "{level}%", "{heat}"]}})
    device.call("set", {"on": True, "level": -4, "heat": 21.5})
    assert said(tool)[0] == ["true", "-4%", "21.5"]


def test_a_text_cannot_pass_for_an_option(tool):
    row = {"input": {"song": {"type": "string"}}}
    device = load(actions={"play": {**row, "do": [*tool, "say", "{song}"]},
                           "safe": {**row, "do": [*tool, "say", "--", "{song}"]}})
    with pytest.raises(DriverError, match="begins with '-'"):
        device.call("play", {"song": "--output=/etc/passwd"})
    device.call("safe", {"song": "--output=x"})
    assert said(tool)[0] == ["--", "--output=x"]


def test_commands_run_in_their_folder(tool, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    load(folder=str(folder), actions={"act": {"do": [*tool, "say"]}}).call("act")
    assert os.path.samefile(said(tool)[2], folder)


def test_a_failure_tells_the_last_words_of_the_program(tool):
    with pytest.raises(DriverError) as raised:
        load(actions={"act": {"do": [*tool, "fail"]}}).call("act")
    assert str(raised.value) == f"The program '{sys.executable}' failed (status 3): the lamp is not plugged in."


@pytest.mark.parametrize(("argv", "sentence"), [
    (["no-such-program"], "There is no program 'no-such-program'."),
    (["/etc"], "The program '/etc' could not be started: Permission denied."),
])
def test_a_program_that_cannot_start_is_named(argv, sentence):
    with pytest.raises(DriverError) as raised:
        load(actions={"act": {"do": argv}}).call("act")
    assert str(raised.value) == sentence


def test_a_program_that_hangs_is_killed_with_its_children(tool):
    device = load(timeout_s=1.0, actions={"act": {"do": [*tool, "hang"]}})
    start = time.monotonic()
    with pytest.raises(DriverError, match="did not end within 1 s"):
        device.call("act")
    assert time.monotonic() - start < 5
    child = int(Path(tool[1]).with_name("child").read_text())
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_text_that_no_argument_can_hold_is_refused(tool):
    device = load(actions={"play": {"input": {"song": {"type": "string"}}, "do": [*tool, "say", "{song}"]}})
    with pytest.raises(DriverError, match="The It could not do 'Play'"):
        device.call("play", {"song": "a\0b"})


GET = {"type": "integer", "get": ["true"]}


@pytest.mark.parametrize(("options", "sentence"), [
    ({}, "offers nothing"),
    ({"properties": 3}, "The properties must be an object"),
    ({"properties": {"level": 3}}, "The property 'level' must be a table"),
    ({"properties": {"level": {"type": "integer"}}}, "does not say how to 'get' it"),
    ({"properties": {"level": {"get": ["true"]}}}, "The 'type' of the property 'level' must be one of: boolean"),
    ({"properties": {"level": {**GET, "maximun": 3}}}, "unknown key 'maximun'; did you mean 'maximum'?"),
    ({"properties": {"level": {**GET, "xyz": 3}}}, "unknown key 'xyz'; it may have: type"),
    ({"properties": {"level": {**GET, "get": "true"}}}, "must be a list of texts"),
    ({"properties": {"level": {**GET, "get": []}}}, "must be a list of texts"),
    ({"properties": {"level": {**GET, "get": ["true", 3]}}}, "must be a list of texts"),
    ({"properties": {"level": {**GET, "set": ["true", "{level}"]}}}, "uses {level}, but it has {value}"),
    ({"properties": {"level": {**GET, "set": ["{value}"]}}}, "cannot be chosen by a value"),
    ({"properties": {"level": {**GET, "values": {"high": "yes"}}}}, "'values' of the property 'level' do not fit"),
    ({"properties": {"level": {**GET, "minimum": "low"}}}, "minimum of 'level' must be a number"),
    ({"properties": {"level": {**GET, "max_age_s": -1}}}, "maxAge of 'level' must be a positive number"),
    ({"properties": {"level": {**GET, "risk": "high"}}}, "The 'risk' of the property 'level' must be"),
    ({"properties": {"level": {**GET, "title": 3}}}, "The 'title' of the property 'level' must be a text"),
    ({"properties": {"Level": GET}}, "may only contain a-z"),
    ({"actions": {"act": {}}}, "does not say how to 'do' it"),
    ({"actions": {"act": {"do": ["true", "{level}"]}}}, "uses {level}, but it has no values"),
    ({"actions": {"act": {"do": ["true"], "affects": "level"}}}, "affects 'level', which is not one"),
    ({"actions": {"act": {"do": ["true"], "idempotent": "yes"}}}, "must be true or false"),
    ({"actions": {"act": {"do": ["true"], "input": {"A": {"type": "string"}}}}}, "input 'A' of the action 'act'"),
    ({"actions": {"act": {"do": ["true"]}}, "kind": "a light"}, "must be one word"),
    ({"actions": {"act": {"do": ["true"]}}, "folder": "/no/such"}, "There is no folder '/no/such'"),
    ({"actions": {"act": {"do": ["true"]}}, "timeout_s": 0}, "outside 0.1 to 600 second"),
])
def test_a_table_that_cannot_work_is_refused_when_it_is_read(options, sentence):
    with pytest.raises(DriverError) as raised:
        load(**options)
    assert sentence in str(raised.value)


def test_values_are_checked_before_anything_runs(tool):
    device = prop(tool, "7", minimum=0, maximum=10, set=[*tool, "set", "{value}"])
    with pytest.raises(SchemaError):
        device.write("level", 11)
    assert not Path(tool[1]).with_name("store").exists()

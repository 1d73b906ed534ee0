"""Strict scoring of homes and of SLURP's frames, on a home and sentences of our own, with a device side by heart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from device_agent.options import options_of
from device_agent.understand import Understanding
from firmware_py.host.cli import build
from models.language.prompt import Prompt
from ontology.description import Thing, read
from ontology.home_assistant import Entity, Service, describe
from sim import rival, scoring, slurp
from sim.cli import register
from sim.language.frames import measure_slurp
from sim.language.homes import measure_homes
from sim.language.path import Ours
from sim.language.sets import SOURCES
from sim.language.tally import stages, wilson
from sim.rules_only import answer
from sim.scoring import Case, SetError, after, cases_of, same, set_up, wrong

HOME = """
areas:
  - {name: Boathouse, id: boathouse}
devices:
  - {name: Wall panel, id: wall_panel, area: boathouse}
entities:
  - name: Jetty lamp
    id: light.jetty
    area: boathouse
    state: "off"
    attributes: {supported_color_modes: [brightness], color_mode: brightness, brightness: 40}
  - {name: Winch, id: switch.winch, area: boathouse, state: "off"}
  - name: Water temperature
    id: sensor.water
    device: wall_panel
    state: "5"
    attributes: {unit_of_measurement: °C}
"""
TESTS = """
category: light
tests:
  - sentences: [switch on the jetty lamp]
    expect_changes: {light.jetty: {state: "on", attributes: {brightness: 40, color_mode: brightness}}}
  - sentences: [turn off the jetty lamp, jetty lamp off please]
    setup: {light.jetty: {state: "on", attributes: {brightness: 200}}}
    expect_changes: {light.jetty: {state: "off", attributes: {brightness: null, color_mode: null}}}
  - sentences: [start the winch]
    expect_changes: {switch.winch: {state: "on"}}
    context_device: wall_panel
"""


@pytest.fixture
def boathouse(tmp_path: Path) -> Path:
    folder = tmp_path / "set" / "boathouse"
    folder.mkdir(parents=True)
    (folder / "_fixtures.yaml").write_text(HOME)
    (folder / "lamp.yaml").write_text(TESTS)
    return tmp_path / "set"


def entity(id: str, state: str | None = None, **attributes: Any) -> Entity:
    return Entity(id, "It", state=state, attributes=attributes)


# Sets


def test_a_set_is_one_case_for_each_sentence(boathouse: Path) -> None:
    cases = cases_of(boathouse)
    assert [case.sentence for case in cases] == [
        "switch on the jetty lamp", "turn off the jetty lamp", "jetty lamp off please", "start the winch"]
    assert [case.home[0].state for case in cases] == ["off", "on", "on", "off"]
    assert cases[1].home[0].attributes["brightness"] == 200
    assert cases[1].expected == {"light.jetty": {"state": "off", "brightness": None, "color_mode": None}}
    assert [case.room for case in cases] == [None, None, None, "Boathouse"]


@pytest.mark.parametrize(("text", "words"), [
    ("tests: [{sentences: [x], expect_changes: {light.moon: {state: on}}}]", "does not have"),
    ("tests: [{sentences: [x], setup: {light.moon: {state: on}}}]", "does not have"),
    ("tests: [{expect_changes: {}}]", "cannot be read"),
    ("tests: [", "cannot be read"),
])
def test_a_set_that_is_wrong_gets_one_sentence(boathouse: Path, text: str, words: str) -> None:
    (boathouse / "boathouse" / "wrong.yaml").write_text(text)
    with pytest.raises(SetError, match=words):
        cases_of(boathouse)


def test_a_folder_without_homes_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="no houses with tests"):
        cases_of(tmp_path)


# States

DIMMED = {"supported_color_modes": ["rgb"], "color_mode": "rgb", "brightness": 100, "rgb_color": [0, 0, 255]}
MOVED = {"current_position": 0}
TRACKS = {"media_track": 1, "volume_level": 0.9}

CHANGES = [
    # entity, service, what must have changed
    (entity("light.a", "off", **DIMMED), "turn_on", {}, {"state": "on", "brightness": 100, "color_mode": "rgb",
                                                       "rgb_color": [0, 0, 255]}),
    (entity("light.a", "on", **DIMMED), "turn_off", {}, {"state": "off", "brightness": None, "color_mode": None,
                                                       "rgb_color": None}),
    (entity("light.a", "on", **DIMMED), "turn_on", {"brightness": 128}, {"brightness": 128}),
    (entity("light.a", "on", **DIMMED), "turn_on", {"rgb_color": [255, 0, 0]}, {"rgb_color": [255, 0, 0]}),
    (entity("light.a", "on", supported_color_modes=["onoff"]), "toggle", {}, {"state": "off"}),
    (entity("fan.a", "off", percentage=0, supported_features=1), "turn_on", {}, {"state": "on", "percentage": 100}),
    (entity("fan.a", "on", percentage=30, supported_features=1), "set_percentage", {"percentage": 60},
     {"percentage": 60}),
    (entity("fan.a", "on"), "turn_off", {}, {"state": "off"}),
    (entity("cover.a", "closed"), "open_cover", {}, {"state": "open"}),
    (entity("cover.a", "closed", **MOVED), "open_cover", {}, {"state": "open", "current_position": 100}),
    (entity("valve.a", "open", **MOVED), "set_valve_position", {"position": 40}, {"current_position": 40}),
    (entity("lock.a", "locked"), "unlock", {}, {"state": "unlocked"}),
    (entity("media_player.a", "playing", **TRACKS), "media_pause", {}, {"state": "paused"}),
    (entity("media_player.a", "playing", **TRACKS), "media_next_track", {}, {"media_track": 2}),
    (entity("media_player.a", "playing", **TRACKS), "volume_set", {"volume_level": 0.5}, {"volume_level": 0.5}),
    (entity("media_player.a", "playing", **TRACKS), "volume_up", {}, {"volume_level": 1.0}),
    (entity("media_player.a", "playing", **TRACKS), "turn_off", {}, {"state": "off", "media_track": None,
                                                                   "volume_level": None}),
    (entity("vacuum.a", "cleaning"), "return_to_base", {}, {"state": "returning"}),
    (entity("todo.a", "2"), "add_item", {"item": "rope"}, {"state": 3}),
    (entity("climate.a", "off", hvac_modes=["off", "cool"]), "turn_on", {}, {"state": "cool"}),
    (entity("climate.a", "heat", temperature=20), "set_temperature", {"temperature": 21.5}, {"temperature": "21.5"}),
]


@pytest.mark.parametrize(("one", "service", "data", "expected"), CHANGES,
                         ids=[f"{row[0].domain}.{row[1]}" for row in CHANGES])
def test_a_service_makes_exactly_its_change(
    one: Entity, service: str, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    home = (one, entity("switch.b", "off"))
    found = after(home, [Service(f"{one.domain}.{service}", one.id, data)])
    assert wrong(home, found, {one.id: expected}) == {}
    assert wrong(home, home, {one.id: expected}) != {}
    assert wrong(home, after(found, [Service("switch.turn_on", "switch.b")]), {one.id: expected}) == {
        "switch.b": {"state": ("off", "on")}}


def test_a_call_that_changes_nothing_does_no_harm_and_an_unknown_one_does() -> None:
    home = (entity("switch.b", "off"),)
    assert wrong(home, after(home, [Service("switch.turn_off", "switch.b")]), {}) == {}
    assert wrong(home, after(home, [Service("switch.explode", "switch.b")]), {}) != {}


def test_what_may_change_and_what_follows_is_left_out() -> None:
    home = (entity("cover.a", "closed", **MOVED),)
    found = after(home, [Service("cover.open_cover", "cover.a")])
    expected = {"cover.a": {"state": "open"}}
    assert wrong(home, found, expected) == {"cover.a": {"current_position": (0, 100)}}
    assert wrong(home, found, expected, {"cover.a": frozenset({"current_position"})}) == {}


def test_virtual_devices_begin_with_a_speed_and_a_volume() -> None:
    fan, player, valve = set_up([
        entity("fan.a", "on", supported_features=1), entity("media_player.a", "playing", supported_features=4),
        entity("valve.a", "open", current_valve_position=70)], {"fan.a": {"state": False}})
    assert (fan.state, fan.attributes["percentage"]) == ("off", 0)
    assert player.attributes["volume_level"] == 1.0
    assert valve.attributes == {"current_position": 70}


def test_values_that_mean_the_same_are_the_same() -> None:
    for one, other in (("1", 1), (0.5, "0.50"), ([255, 0], (255.0, 0)), (None, None)):
        assert same(one, other)
    assert not same(0, None)
    assert not same("on", "off")
    assert not same([1], [1, 2])


def test_wilson_intervals_agree_with_the_published_ones() -> None:
    # Newcombe 1998, table I
    for right, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
                                 (1, 29, 0.0061, 0.1718)):
        assert wilson(right, of) == pytest.approx((low, high), abs=1e-4)


# The whole path, with a device side that knows a few sentences by heart


class ByHeart(Ours):
    """Devices understand "on", "off" and "start" in their sentence."""

    async def understood(self, thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
        words = text.lower().split()
        name = "turn_off" if "off" in words else "turn_on" if {"on", "start"} & set(words) else "start"
        name = "start" if "vacuum" in words else name
        if thing.affordance("action", name) is None:
            return Understanding("cannot", reason="I cannot.", code="cannot")
        return Understanding("ok", ({"action": name, "input": {}},), ms={"model": 2.0})


def test_homes_are_scored_with_the_kinds_of_failure_and_times(boathouse: Path) -> None:
    cases = [*cases_of(boathouse)]
    lamp = cases[0]
    cases += [Case("x", lamp.home, "turn on the toaster", lamp.expected),
              Case("x", lamp.home, "turn on the winch", lamp.expected),
              Case("x", lamp.home, "turn on the jetty lamp and the winch", lamp.expected),
              Case("x", lamp.home, "turn off the jetty lamp", lamp.expected),
              Case("x", lamp.home, "dim the jetty lamp", {"light.jetty": {"brightness": 3}}),
              Case("x", lamp.home, "turn on the jetty lamp when the water temperature is above 7", lamp.expected)]
    found = asyncio.run(measure_homes(cases, {"": ByHeart(None)}, False))
    mine, things = found[""], found["things"]
    assert (mine.right, mine.of, list(found)) == (4, 10, ["", "things"])
    assert mine.failures == {"planner: no such Thing or place": 1, "planner: other Things": 1,
                             "planner: too many Things": 1, "device: wrong call or value": 1, "device: cannot": 1,
                             "kept a rule": 1}
    assert things.right == 7
    assert set(mine.ms) == {"plan", "model", "total"}
    assert stages(mine.ms)["model"] == {"p50": 2.0, "p95": 4.0}  # two Things, one after the other
    assert len(mine.whole_ms) == 8


# SLURP


def row(sentence: str, action: str, *entities: tuple[str, str], scenario: str = "iot") -> slurp.Row:
    return slurp.Row(sentence, scenario, action, entities)


def act(house: slurp.SlurpHouse, id: str, name: str, value: Any = None, **given: Any) -> slurp.Act:
    return slurp.Act(next(one for one in house.home if one.id == id), name, value, given)


FRAMES = [
    # annotated, acts, action right, frame right
    (row("", "hue_lightoff"), [("light.hall", "turn_off")], True, True),
    (row("", "hue_lightoff"), [("light.hall", "turn_on")], False, False),
    (row("", "hue_lightoff"), [], False, False),
    (row("", "hue_lightoff"), [("light.hall", "turn_off"), ("switch.smart_plug", "turn_off")], False, False),
    (row("", "hue_lightoff", ("house_place", "hallway")), [("light.hall", "turn_off")], True, True),
    (row("", "hue_lightoff", ("house_place", "the kitchen")), [("light.hall", "turn_off")], True, False),
    (row("", "hue_lightoff", ("house_place", "house")), [("light.hall", "turn_off")], True, False),
    (row("", "hue_lightoff", ("house_place", "moon base")), [("light.hall", "turn_off")], True, False),
    (row("", "hue_lightchange", ("color_type", "Green")), [("light.hall", "colour", "green")], True, True),
    (row("", "hue_lightchange", ("color_type", "green")), [("light.hall", "colour", "blue")], True, False),
    (row("", "hue_lightchange", ("color_type", "green")),
     [("light.hall", "turn_on"), ("light.hall", "colour", "green")], True, True),
    (row("", "hue_lightdim", ("change_amount", "twenty percent")), [("light.hall", "brightness", 30)], True, True),
    (row("", "hue_lightdim", ("change_amount", "to 20 percent")), [("light.hall", "brightness", 20)], True, True),
    (row("", "hue_lightdim", ("change_amount", "twenty percent")), [("light.hall", "brightness", 45)], True, False),
    (row("", "hue_lightup"), [("light.hall", "brightness", 70)], True, True),
    (row("", "wemo_on", ("device_type", "socket")), [("switch.smart_plug", "turn_on")], True, True),
    (row("", "wemo_on", ("device_type", "heater")), [("switch.smart_plug", "turn_on")], True, False),
    (row("", "coffee"), [("switch.coffee_machine", "make_coffee")], True, True),
    (row("", "cleaning", ("device_type", "hoover")), [("vacuum.robot", "start")], True, True),
    (row("", "cleaning", ("time", "at nine")), [("vacuum.robot", "start")], True, False),
]


@pytest.mark.parametrize(("said", "acts", "action", "frame"), FRAMES)
def test_actions_and_frames(said: slurp.Row, acts: list[Any], action: bool, frame: bool) -> None:
    house = slurp.SlurpHouse()
    done = [act(house, *one) for one in acts]
    assert house.action_is_right(said, done) is action
    assert house.frame_is_right(said, done, False) is frame


def test_a_kind_of_coffee_and_a_time_show_in_the_frame() -> None:
    house = slurp.SlurpHouse()
    latte = act(house, "switch.coffee_machine", "make_coffee", kind="latte")
    assert house.frame_is_right(row("", "coffee", ("coffee_type", "latte")), [latte], False)
    assert not house.frame_is_right(row("", "coffee", ("coffee_type", "mocha")), [latte], False)
    assert house.frame_is_right(row("", "coffee", ("time", "at nine")), [latte], True)
    assert not house.frame_is_right(row("", "coffee"), [latte], True)


def test_slurp_counts_what_was_right_and_what_was_triggered() -> None:
    rows = [row("turn off the hall light", "hue_lightoff", ("house_place", "hall")),
            row("vacuum", "cleaning"), row("sing a song", "hue_lightup")]
    others = [*rows, row("who was the first queen", "factoid", scenario="qa"),
              row("turn off the hall light", "remove", scenario="alarm")]
    found = asyncio.run(measure_slurp(rows, others, {"": ByHeart(None)}, False))
    assert [found[name][""].right for name in ("frame", "action")] == [2, 2]
    assert (found["false_trigger"][""].of, found["false_trigger"][""].failures) == (2, {"called: alarm": 1})


def test_rows_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"sentence": "on", "scenario": "iot", "action": "wemo_on", "entities": [
        {"type": "device_type", "text": "socket"}]}) + "\n\n")
    assert slurp.read_rows(path) == [row("on", "wemo_on", ("device_type", "socket"))]
    path.write_text("[1]\n")
    with pytest.raises(slurp.SlurpError, match="must be JSON with"):
        slurp.read_rows(path)
    with pytest.raises(slurp.SlurpError, match="cannot be read"):
        slurp.read_rows(tmp_path / "absent")


# Rules in the model's place

RULED = [
    ("turn it off", "do turn off\n"),
    ("dim it to 30 percent", "set brightness:1\n"),
    ("make it brighter by 10 percent", "set brightness:+1\n"),
    ("make it darker", "set brightness:-\n"),
    ("make it red", "set colour:red\n"),
    ("is it on", "get on\n"),
    ("whistle a tune", "none\n"),
]


@pytest.mark.parametrize(("sentence", "said"), RULED)
def test_rules_choose_by_the_plain_words(sentence: str, said: str) -> None:
    lamp = read(describe(entity("light.a", supported_color_modes=["rgb"])))
    options = options_of(lamp.affordances)
    allowed = frozenset(range(len(options))) if "is it" not in sentence else frozenset(
        number for number, option in enumerate(options) if option.verb == "get")
    prompt = Prompt("light", lamp.title, options, sentence, allowed)
    assert answer(prompt) == said
    prompt.parse(said)


# The command


def bench(*words: str) -> Any:
    app, _ = build()
    if "bench" not in {group.name for group in app.registered_groups}:
        register(app)
    return CliRunner().invoke(app, ["bench", "language", *words])


def test_missing_sets_are_named_with_their_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    done = bench("--json", "--only", "assist_mini", "--only", "intents", "--only", "slurp_devel")
    assert done.exit_code == 1
    assert "None of the test sets is there" in str(done.exception)
    for name, source in SOURCES.items():
        assert f"{name} is left out" in done.stderr
        assert source in done.stderr


def test_one_set_is_measured_and_printed_as_one_object(
    boathouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    done = bench("--assist-mini", str(boathouse), "--planner-only", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["assist_mini.things"] == 100.0
    assert list(found)[-2:] == ["assist_mini.things", "assist_mini.things.interval"]
    assert "intents is left out" in done.stderr


def test_the_whole_path_runs_with_rules_in_the_models_place(
    boathouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    done = bench("--assist-mini", str(boathouse), "--only", "assist_mini", "--rules-only", "--json")
    found = json.loads(done.stdout)
    assert (found["assist_mini"], found["without"], found["model"]) == (100.0, "model", None)
    assert list(found)[-2:] == ["ms_p50", "ms_p95"]


def test_an_unknown_set_is_a_usage_error() -> None:
    assert bench("--only", "sonnets").exit_code == 2


@pytest.mark.skipif(rival.version() is None, reason="NOT TESTED: the extra 'bench' is not installed")
def test_home_assistants_engine_is_asked_the_same(boathouse: Path) -> None:
    found = asyncio.run(measure_homes(cases_of(boathouse), {"": ByHeart(None)}, True))
    assert (found[""].of, found["home_assistant"].of) == (4, 4)
    home = scoring.set_up(cases_of(boathouse)[0].home, {})
    assert rival.HomeAssistant(home).services("turn on the jetty lamp") == [Service("light.turn_on", "light.jetty")]
    assert rival.HomeAssistant(home).services("compose a sonnet about rope") == []

"""Which options a sentence could mean: of few all, of many the best, never what contradicts it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from things_told import LAMP, PERCENT, Parrot, takes, thing

from device_agent import wording
from device_agent.narrow import options_left, says_only, values_left
from device_agent.options import options_of
from device_agent.reading import view_of
from device_agent.retrieve import SHOW_ALL, K, Retrieved, limited, nearest, ranked
from device_agent.understand import understand
from models.language.prompt import Option, Slot

# A machine that offers more than a model is shown at once.
MANY = thing(
    "Press",
    "Machine",
    {
        "start_cycle": {},
        "stop": {},
        "open_gate": {},
        "close_gate": {},
        "clean_nozzle": {},
        "take_photo": {},
        "set_pressure": takes(pressure=PERCENT),
        "calibrate": {},
        "eject_tray": {},
        "refill_tank": {},
    },
    {
        "pressure": {**PERCENT, "readOnly": True},
        "battery_level": {**PERCENT, "readOnly": True},
        "water_temperature": {"type": "number", "unit": "celsius", "readOnly": True},
        "spindle_speed": {"type": "number", "unit": "rpm"},
        "door": {"type": "string", "readOnly": True},
        "volume": PERCENT,
        "brightness": PERCENT,
        "firmware": {"type": "string", "readOnly": True},
    },
)
OPTIONS = options_of(MANY.affordances)


def retrieve(sentence: str, options: Sequence[Option], vectors: np.ndarray | None = None) -> Retrieved:
    """As a device does where its rules leave the choice to the model."""
    order = [number for number, _ in ranked(sentence, view_of(tuple(options)), vectors)[0]]
    return limited(sentence, options, nearest(options_left(sentence, options), order))


def best(sentence: str) -> str:
    found = retrieve(sentence, OPTIONS)
    return OPTIONS[found.shown[0]].line.split(",")[0] if found.shown else ""


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("take a picture", "do take photo"),
        ("open the gate", "do open gate"),
        ("close the gate", "do close gate"),
        ("how full is the battery", "get battery level"),
        ("what is the firmware", "get firmware"),
        ("set the spindle speed to 300 rpm", "set spindle speed # rpm"),
        ("set spindel sped to 300", "set spindle speed # rpm"),
        ("make it louder", "set volume # percent 0 to 100"),
        ("how warm is the water", "get water temperature"),
        ("eject the tray please", "do eject tray"),
        ("calibrate", "do calibrate"),
        ("sweep the nozzle", "do clean nozzle"),
    ],
)
def test_words_find_the_option(sentence: str, line: str) -> None:
    assert best(sentence) == line


@pytest.mark.parametrize(
    "sentence", ["recite a sonnet", "order a pizza", "who won the game", "book us a table", "xyzzy"]
)
def test_what_has_nothing_to_do_with_the_thing_is_served_by_nothing(sentence: str) -> None:
    assert not ranked(sentence, view_of(OPTIONS))[1]


def test_many_options_are_cut_to_the_best() -> None:
    assert len(OPTIONS) > SHOW_ALL
    found = retrieve("set the pressure to 5", OPTIONS)
    assert 1 <= len(found.shown) <= K
    assert OPTIONS[found.shown[0]].label == "set pressure"
    assert found.allowed == set(range(len(found.shown)))


def test_few_options_keep_the_order_of_the_thing() -> None:
    options = options_of(LAMP.affordances)
    shown = {retrieve(text, options).shown for text in ("turn it off", "how bright is it", "make it red", "sing")}
    assert shown == {tuple(range(len(options)))}


def test_embeddings_find_what_words_do_not() -> None:
    vectors = np.zeros((1 + len(OPTIONS), len(OPTIONS)), np.float32)
    vectors[1:] = np.eye(len(OPTIONS))
    vectors[0, 7] = 1.0
    found = retrieve("frobnicate", OPTIONS, vectors)
    assert found.shown[0] == 7


def test_understanding_embeds_only_where_there_are_many() -> None:
    parrot = Parrot("do take photo", embeds=np.eye(40, dtype=np.float32))
    found = asyncio.run(understand(MANY, "zap a photo of frogs", {}, parrot))
    assert found.calls == ({"action": "take_photo", "input": {}},)
    assert {"retrieve", "embed", "model"} <= set(found.ms)
    assert "embed" not in asyncio.run(understand(LAMP, "hit it", {}, parrot)).ms
    without = asyncio.run(understand(MANY, "zap a photo of frogs", {}, Parrot("do take photo")))
    assert without.calls == found.calls


def test_off_topic_sentences_never_reach_the_model() -> None:
    parrot = Parrot("do calibrate")
    found = asyncio.run(understand(MANY, "recite a sonnet", {}, parrot))
    assert (found.code, parrot.asked) == ("cannot", [])


ON, OFF = Option("do", "turn_on", "turn on"), Option("do", "turn_off", "turn off")
POWER, LEVEL = Option("get", "power", "power"), Option("set", "level", "level", "", (Slot("", "number"),))


@pytest.mark.parametrize(
    ("sentence", "lines"),
    [
        ("turn it on", {"turn on"}),
        ("turn it off", {"turn off"}),
        ("off", {"turn off"}),
        ("quickly get it off me", {"turn off", "level", "power"}),
        ("set it to 40 percent", {"level"}),
        ("turn it off, then to 40 percent", {"turn off", "level"}),
        ("is it on", {"power"}),
        ("what is the power", {"power"}),
        ("could you turn it off?", {"turn off"}),
        ("turn it off and on again", {"turn on", "turn off", "level"}),
        ("it is too dark", {"turn on", "turn off", "level", "power"}),
        ("play jazz on it", {"turn on", "turn off", "level"}),
        ("make sure it is not on", {"turn on", "turn off", "level"}),
    ],
)
def test_mood_and_opposites_decide_what_may_be_answered(sentence: str, lines: set[str]) -> None:
    options = (ON, OFF, POWER, LEVEL)
    assert {options[place].label for place in retrieve(sentence, options).allowed} == lines


@pytest.mark.parametrize(
    ("sentence", "names", "left"),
    [
        ("please shut it", ("open", "close", "stop"), {"close"}),
        ("lower it completely", ("open", "close", "stop"), {"close"}),
        ("turn off the alarm", ("arm", "disarm"), {"disarm"}),
        ("stop the music", ("play", "pause"), {"pause"}),
        ("turn it on", ("start", "stop", "dock"), {"start"}),
        ("secure it", ("lock", "unlock"), {"lock"}),
        ("open it", ("lock", "unlock"), {"unlock"}),
        ("deactivate it", ("turn_on", "turn_off"), {"turn_off"}),
        ("next song", ("next_track", "previous_track"), {"next_track"}),
    ],
)
def test_words_for_the_same_side_lead_to_it(sentence: str, names: tuple[str, ...], left: set[str]) -> None:
    options = [Option("do", name, name.replace("_", " ")) for name in names]
    found = {options[place].name for place in retrieve(sentence, options).allowed}
    assert found == left


WHITE = Option("set", "white", "white tone", "", (Slot("", "number", unit="kelvin", low=2000, high=6500),))
BRIGHT = Option("set", "brightness", "brightness", "", (Slot("", "number", unit="percent", low=0, high=100),))
COLOUR = Option("do", "set_colour", "set colour", "", (Slot("colour", "text"),))
MODE = Option("set", "mode", "mode", "", (Slot("", "choice", ("Eco", "off", "boost 2")),))
SAY = Option("do", "say", "say", "", (Slot("message", "text"),))
POWER_SWITCH = Option("set", "power", "power", "", (Slot("", "boolean"),))
ALL = {"turn_on", "turn_off", "white", "brightness", "set_colour", "mode", "say", "target"}
HEAT = Option("set", "target", "target", "", (Slot("", "number", unit="celsius", low=5, high=30),))


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("set it to 30 percent", {"brightness"}),
        ("set it to 40", {"brightness"}),
        ("set it to 4000", {"white"}),
        ("set it to 3000 kelvin", {"white"}),
        ("set it to 20 degrees", {"target"}),
        ("set it to 10 watts", {"white", "brightness", "target"}),
        ("raise it by 10 percent", {"white", "brightness", "target"}),
        ("say it takes 20 degrees", {"say"}),
        ("let it say it takes 20 degrees", {"say", "target"}),
        ("make it teal", {"set_colour"}),
        ("set it to eco", {"mode"}),
        ("mode boost 2", {"mode", "white", "brightness", "target"}),
        ("turn it off", {"turn_off"}),
        ("a bit brighter", {"brightness"}),
        ("turn it up", {"white", "brightness", "target"}),
        ("make it teal and set it to 40", ALL),
        ("make it nice", ALL),
    ],
)
def test_values_that_are_said_leave_the_options_that_take_them(sentence: str, names: set[str]) -> None:
    options = (ON, OFF, POWER, WHITE, BRIGHT, COLOUR, MODE, SAY, HEAT)
    assert {options[place].name for place in retrieve(sentence, options).allowed} == names


@pytest.mark.parametrize(
    ("sentence", "option", "left"),
    [
        ("set it to 40", BRIGHT, ("1",)),
        ("raise it by 40", BRIGHT, ("+1",)),
        ("lower it by 40", BRIGHT, ("-1",)),
        ("change it by 40", BRIGHT, ("+1", "-1")),
        ("40 percent brighter", BRIGHT, ("1", "+1")),
        ("a bit brighter", BRIGHT, ("+", "^")),
        ("dim it", BRIGHT, ("-", "v")),
        ("make it warmer", WHITE, None),
        ("at full brightness", BRIGHT, ("^",)),
        ("dim it all the way", BRIGHT, ("v",)),
        ("all the way up", BRIGHT, ("^",)),
        ("the lowest setting", BRIGHT, ("v",)),
        ("from minimum to maximum", BRIGHT, None),
        ("from 10 to 40", BRIGHT, None),
        ("make it nice", BRIGHT, None),
        ("set it to 40 and then to 50", BRIGHT, None),
        ("set it to ECO", MODE, ("eco",)),
        ("set it to boost 2", MODE, ("boost 2",)),
        ("turn it off", MODE, None),
        ("turn it off", POWER_SWITCH, ("n",)),
        ("turn it on", POWER_SWITCH, ("y",)),
        ("flip it", POWER_SWITCH, None),
        ("increase it by 5", Option("do", "increase", "increase", "", (Slot("by", "number"),)), None),
    ],
)
def test_words_beside_a_value_leave_what_it_can_be(sentence: str, option: Option, left: tuple[str, ...] | None) -> None:
    assert values_left(sentence, option).get(0) == left


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("how loud is it", {"volume"}),
        ("how warm is it", {"temperature"}),
        ("what is the temperature", {"temperature"}),
        ("what is the target temperature", {"target_temperature"}),
        ("what is it set to", {"volume", "temperature", "target_temperature", "battery_level", "on"}),
        ("how much battery does it have", {"battery_level"}),
        ("is it running", {"on"}),
        ("how is it", {"volume", "temperature", "battery_level", "on"}),
    ],
)
def test_questions_are_about_what_they_name(sentence: str, left: set[str]) -> None:
    names = ("volume", "temperature", "target_temperature", "battery_level", "on")
    options = [Option("get", name, name.replace("_", " ")) for name in names]
    assert {options[place].name for place in retrieve(sentence, options).allowed} == left


TUNE = Option(
    "do",
    "tune",
    "tune",
    "",
    (Slot("torque", "number"), Slot("grip force", "number"), Slot("force", "number", required=False)),
)


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("set torque to 12 and grip force to forty", {0: ("1",), 1: ("2",), 2: ("_",)}),
        ("tweak the grip force to a hundred and five, and then let torque be 99", {0: ("2",), 1: ("1",), 2: ("_",)}),
        ("force 1, grip force 2; torque 3", {0: ("3",), 1: ("2",), 2: ("1",)}),
        ("set torque and grip force to 12", {}),
        ("torque 1 and torque 2", {}),
        ("torque 1 and speed 2", {}),
        ("raise torque by 1 and grip force to 2", {}),
        ("tune it", {}),
    ],
)
def test_numbers_beside_the_names_of_arguments_are_theirs(sentence: str, left: dict[int, tuple[str, ...]]) -> None:
    assert values_left(sentence, TUNE) == left


@pytest.mark.parametrize(
    ("sentence", "option", "sure"),
    [
        ("turn on it", ON, True),
        ("turn on it quietly", ON, False),
        ("what is the power of it", POWER, True),
        ("set it to 40 percent", BRIGHT, True),
        ("set it to 200 percent", BRIGHT, True),
        ("set the brightness of it to forty", BRIGHT, True),
        ("set it to 40 degrees", BRIGHT, False),
        ("set the timer to 40", BRIGHT, False),
        ("a bit brighter", BRIGHT, True),
        ("a bit louder", BRIGHT, False),
        ("turn it up", BRIGHT, True),
        ("set it to eco", MODE, True),
        ("set it to eco and off", MODE, False),
        ("do not set it to eco", MODE, False),
        ("turn it off", POWER_SWITCH, True),
        ("flip it", POWER_SWITCH, False),
        ("turn off the music", POWER_SWITCH, False),
        ("say dinner is ready", SAY, True),
        ("tell him to say it", SAY, False),
        ("bake an eco cake", MODE, False),
    ],
)
def test_a_sentence_is_sure_only_if_it_says_nothing_else(sentence: str, option: Option, sure: bool) -> None:
    assert says_only(sentence, option) is sure


@pytest.mark.parametrize(
    ("sentence", "mood"),
    [
        ("turn it on", "tell"),
        ("please turn it on", "tell"),
        ("can you turn it on?", "tell"),
        ("is it on?", "ask"),
        ("how warm is it", "ask"),
        ("how about turning it on", "tell"),
        ("tell me how warm it is", "ask"),
        ("do it", "tell"),
        ("could you tell me if it is locked", "ask"),
        ("have you locked it", "ask"),
        ("have it cleaned", ""),
        ("brightness", ""),
        ("it's too dark", ""),
        ("where is it, make it beep", ""),
        ("turn it on and tell me how bright it is", ""),
        ("", ""),
        ("hey, now please", ""),
        ("do you have power", "ask"),
        ("what's the temperature", "ask"),
    ],
)
def test_moods(sentence: str, mood: str) -> None:
    assert wording.mood(sentence) == mood


@given(st.text(max_size=80), st.integers(0, 5))
def test_any_text_gives_finite_scores_and_places_that_exist(text: str, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(1 + len(OPTIONS), 4)).astype(np.float32)
    order, _ = ranked(text, view_of(OPTIONS), vectors)
    found = retrieve(text, OPTIONS, vectors)
    assert sorted(number for number, _ in order) == list(range(len(OPTIONS)))
    assert np.isfinite([worth for _, worth in order]).all()
    assert len(set(found.shown)) == len(found.shown) <= K
    assert found.allowed <= set(range(len(found.shown)))


def test_more_or_less_never_switches() -> None:
    warmth = Option("set", "target", "target temperature", "", (Slot("", "number", unit="celsius", low=5, high=30),))
    switches = (Option("do", name, name.replace("_", " "), "the heating") for name in ("turn_on", "turn_off"))
    options = (*switches, warmth)
    for sentence in ("make it a bit warmer", "make it colder", "a little warmer please"):
        assert [one for one, left in zip(options, options_left(sentence, options), strict=True) if left] == [warmth]

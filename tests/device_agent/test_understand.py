"""Understanding on the device: what the rules make of a model's choice. The model is a parrot here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from things_told import CELSIUS, HEATING, LAMP, LOCK, PERCENT, SPEAKER, Parrot, takes, thing

from device_agent.options import offers_of, options_of
from device_agent.resolve import copied
from device_agent.understand import Understanding, understand
from firmware_py.core.schema import check
from ontology.description import Thing


def told(
    thing_: Thing, text: str, answer: str, present: dict[str, Any] | None = None, confidence: float = 1.0
) -> Understanding:
    return asyncio.run(understand(thing_, text, present or {}, Parrot(answer, confidence)))


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"action": name, "input": arguments}


def write(name: str, value: Any) -> dict[str, Any]:
    return {"property": name, "value": value}


def heat(value: float) -> dict[str, Any]:
    return call("set_target_temperature", temperature=value)


NOW = {"brightness": 50, "colour_temperature": 3000, "target_temperature": 20, "volume": 20}

DONE = [
    # thing, sentence, the model's answer, calls
    (LAMP, "turn on the desk lamp", "do turn on", [call("turn_on")]),
    (LAMP, "turn the Desk lamp off", "do turn off", [call("turn_off")]),
    (LAMP, "dim it to 40 percent", "set brightness:1", [write("brightness", 40)]),
    (LAMP, "dim it to forty", "set brightness:1", [write("brightness", 40)]),
    (LAMP, "set it to half", "set brightness:1", [write("brightness", 50)]),
    (LAMP, "brighten it by 20 percent", "set brightness:+1", [write("brightness", 70)]),
    (LAMP, "brighten it by 80 percent", "set brightness:+1", [write("brightness", 100)]),
    (LAMP, "dim it a bit", "set brightness:-", [write("brightness", 40)]),
    (LAMP, "as bright as possible", "set brightness:^", [write("brightness", 100)]),
    (LAMP, "the dimmest setting", "set brightness:v", [write("brightness", 0)]),
    (LAMP, "make it red", "set colour:red", [write("colour", "Red")]),
    (LAMP, "make it WARM WHITE", "set colour:warm white", [write("colour", "warm white")]),
    (LAMP, "make it a bit warmer", "set colour temperature:-", [write("colour_temperature", 2550)]),
    (
        LAMP,
        "make it red and dim it to 10",
        "set colour:red;set brightness:1",
        [write("colour", "Red"), write("brightness", 10)],
    ),
    (LAMP, "off, off, off", "do turn off;do turn off", [call("turn_off")]),
    (HEATING, "set it to 21.5 degrees", "do set target temperature:1", [heat(21.5)]),
    (HEATING, "set it to twenty-one and a half", "do set target temperature:1", [heat(21.5)]),
    (HEATING, "make it 70 fahrenheit", "do set target temperature:1", [heat(21.11)]),
    (HEATING, "turn it up by two degrees", "do set target temperature:+1", [heat(22)]),
    (HEATING, "a bit warmer", "do set target temperature:+", [heat(21)]),
    (HEATING, "lower it by 9 degrees fahrenheit", "do set target temperature:-1", [heat(15)]),
    (HEATING, "raise it by 50 percent", "do set target temperature:+1", [heat(30)]),
    (HEATING, "turn it down by 10 percent", "do set target temperature:-1", [heat(18)]),
    (SPEAKER, "set the volume to 50 percent", "set volume:1", [write("volume", 25)]),
    (SPEAKER, "a bit louder", "set volume:+", [write("volume", 25)]),
    (SPEAKER, "turn it up by 50 percent", "set volume:+1", [write("volume", 30)]),
    (SPEAKER, "play Blue in Green on the stereo", 'do play:"', [call("play", what="Blue in Green")]),
    (SPEAKER, 'say "Dinner, in 10 minutes!" on the stereo', 'do say:"', [call("say", text="Dinner, in 10 minutes!")]),
    (SPEAKER, "announce that Tea is ready over it", 'do say:"', [call("say", text="Tea is ready")]),
    (LOCK, "lock the front door lock", "do lock", [call("lock")]),
]


CHANGES = {
    "brighten it by 20 percent", "brighten it by 80 percent", "dim it a bit", "make it a bit warmer", "a bit warmer",
    "turn it up by two degrees", "lower it by 9 degrees fahrenheit", "raise it by 50 percent", "a bit louder",
    "turn it down by 10 percent", "turn it up by 50 percent",
}


@pytest.mark.parametrize(("thing_", "text", "answer", "calls"), DONE, ids=[row[1] for row in DONE])
def test_change_of_what_is_says_so(thing_, text, answer, calls):
    assert told(thing_, text, answer, NOW).relative is (text in CHANGES)


@pytest.mark.parametrize(("thing_", "text", "answer", "calls"), DONE, ids=[row[1] for row in DONE])
def test_choices_become_calls(thing_: Thing, text: str, answer: str, calls: list[dict[str, Any]]) -> None:
    found = told(thing_, text, answer, NOW)
    assert (found.status, list(found.calls), found.reads, found.reason) == ("ok", calls, (), "")
    for made in found.calls:
        affordance = thing_.affordance(
            "write" if "property" in made else "action", made.get("property", made.get("action"))
        )
        assert affordance is not None


REFUSED = [
    # thing, sentence, the model's answer, code, words of the reason
    (SPEAKER, "turn it up for five minutes", "set volume:1", "cannot", "no duration"),
    (LAMP, "lock the desk lamp", "do turn on", "cannot", "cannot do that"),
    (LAMP, "set it to 150 percent", "set brightness:1", "out_of_range", "0 to 100"),
    (HEATING, "set it to 45", "do set target temperature:1", "out_of_range", "5 to 30 celsius"),
    (HEATING, "set it to 100 fahrenheit", "do set target temperature:1", "out_of_range", "37.7778 celsius"),
    (LAMP, "dim it to 40 watts", "set brightness:1", "cannot", "percent, not watts"),
    (HEATING, "set it to 50 percent", "do set target temperature:1", "cannot", "not percent"),
    (LAMP, "make it purple", "set colour:red", "out_of_range", "not purple"),
    (LAMP, "make me a coffee", "none", "cannot", "Desk lamp cannot do that"),
    (LAMP, "is it raining", "none", "cannot", "Desk lamp cannot tell that"),
    (LAMP, "set the brightness", "set brightness:^", "missing_value", "brightness"),
    (LAMP, "set the brightness of the desk lamp please", "none", "missing_value", "brightness"),
    (SPEAKER, "say", 'do say:"', "missing_value", "text"),
    (LAMP, "zap it for 40 minutes", "do turn on", "cannot", "40 minutes"),
    (LAMP, "do not turn it on", "do turn on", "cannot", "ban"),
    (LAMP, "turn it up", "set brightness:-", "cannot", "more or less"),
    (LAMP, "", "do turn on", "cannot", "no sentence"),
    (LAMP, "?!", "do turn on", "cannot", "no sentence"),
    (LAMP, "on " * 400, "do turn on", "cannot", "too long"),
]


@pytest.mark.parametrize(("thing_", "text", "answer", "code", "words"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_what_cannot_be_done_says_why(thing_: Thing, text: str, answer: str, code: str, words: str) -> None:
    found = told(thing_, text, answer, NOW)
    assert (found.status, found.calls, found.reads, found.code) == ("cannot", (), (), code)
    assert words in found.reason
    assert found.reason.endswith((".", "?"))


def test_changes_need_the_present_value() -> None:
    for text, answer in (("a bit brighter", "set brightness:+"), ("dim it by 10", "set brightness:-1")):
        assert told(LAMP, text, answer).code == "unknown_state"
        assert told(LAMP, text, answer, {"brightness": None}).code == "unknown_state"
        assert told(LAMP, text, answer, {"brightness": float("nan")}).code == "unknown_state"
        assert told(LAMP, text, answer, {"brightness": True}).code == "unknown_state"
    assert told(LAMP, "full brightness", "set brightness:^").calls == (write("brightness", 100),)


@pytest.mark.parametrize(("answer", "by", "to"), [(":1", 70, 20), (":+1", 70, 20)])
def test_by_and_to_beside_the_number_decide(answer: str, by: int, to: int) -> None:
    assert told(LAMP, "raise it by 20", "set brightness" + answer, NOW).calls == (write("brightness", by),)
    assert told(LAMP, "set it to 20", "set brightness" + answer, NOW).calls == (write("brightness", to),)


def test_opposites_are_not_even_possible_answers() -> None:
    parrot = Parrot("none")
    asyncio.run(understand(LAMP, "zap it off, make it nice", {}, parrot))
    asyncio.run(understand(LAMP, "how is it?", {}, parrot))
    order, question = (prompt.allowed for prompt in parrot.asked)
    assert order is not None
    assert 0 not in order
    assert question is not None
    assert question <= {2, 3, 5, 7}


@pytest.mark.parametrize("text", ["Turn on the desk lamp.", "switch it off please", "is it on", "what is the colour",
                                  "dim it to 40", "make it red and dim it to 10", "sing me a song"])
def test_a_sentence_that_leaves_no_doubt_is_never_the_models(text: str) -> None:
    parrot = Parrot("none")
    found = asyncio.run(understand(LAMP, text, {}, parrot))
    assert (found.decided, parrot.asked) == ("rules", [])


def test_what_could_be_several_things_is_the_models() -> None:
    parrot = Parrot("do turn on")
    found = asyncio.run(understand(LAMP, "hit it", {}, parrot))
    assert (found.decided, found.calls, len(parrot.asked)) == ("model", (call("turn_on"),), 1)


def test_an_opposite_that_is_a_value_is_refused() -> None:
    valve = thing("Valve", "Valve", {}, {"open": {"type": "boolean"}})
    assert told(valve, "close it", "set open:n").calls == (write("open", False),)
    assert told(valve, "open it", "set open:y").calls == (write("open", True),)


def test_questions_only_read_and_orders_do_not_only_read() -> None:
    assert told(LAMP, "how bright is it", "get brightness").reads == ("brightness",)
    assert told(LAMP, "how is it", "do turn on").code == "no_model"


def test_a_doubtful_answer_is_not_acted_on() -> None:
    assert told(LAMP, "hit it", "do turn on", confidence=0.1).code == "unsure"
    assert told(LAMP, "hit it", "do turn on", confidence=0.9).status == "ok"


def test_a_model_that_fails_is_a_refusal() -> None:
    found = told(LAMP, "hit it", "do fly")
    assert (found.status, found.code) == ("cannot", "no_model")


def test_stages_are_measured() -> None:
    assert set(told(LAMP, "turn it on", "none").ms) == {"rules"}
    found = told(LAMP, "hit it", "do turn on")
    assert set(found.ms) == {"rules", "retrieve", "model", "resolve"}
    assert all(spent >= 0 for spent in found.ms.values())


def test_integer_choices_and_steps_are_kept() -> None:
    fan = thing(
        "Fan",
        "Fan",
        {"set_speed": takes(speed={"type": "integer", "enum": [1, 2, 3]})},
        {"target": {**CELSIUS, "multipleOf": 0.5}},
    )
    assert told(fan, "set the speed to two", "do set speed:1").calls == (call("set_speed", speed=2),)
    assert told(fan, "set the speed to 5", "do set speed:1").code == "out_of_range"
    assert told(fan, "set the target to 70 fahrenheit", "set target:1").calls == (write("target", 21.0),)


def test_optional_arguments_are_left_out_and_required_ones_asked_for() -> None:
    timer = thing(
        "Oven",
        "Oven",
        {
            "start": {
                "input": {
                    "type": "object",
                    "required": ["minutes"],
                    "properties": {
                        "minutes": {"type": "integer"},
                        "mode": {"type": "string", "enum": ["grill", "bake"]},
                    },
                }
            }
        },
    )
    assert told(timer, "start it for half an hour", "do start:1,_").calls == (call("start", minutes=30),)
    assert told(timer, "grill for 90 seconds", "do start:1,grill").calls == (call("start", minutes=2, mode="grill"),)


def test_an_action_whose_input_is_no_object_gets_the_value() -> None:
    lamp = thing("Lamp", "Light", {"set_brightness": {"input": PERCENT}}, {"brightness": {**PERCENT, "readOnly": True}})
    assert told(lamp, "set it to 30", "do set brightness:1").calls == ({"action": "set_brightness", "input": 30},)
    assert told(lamp, "a bit brighter", "do set brightness:+", {"brightness": 95}).calls == (
        {"action": "set_brightness", "input": 100},
    )


def test_an_action_that_is_a_change_takes_the_number_as_it_is() -> None:
    speaker = thing("Radio", "Speaker", {"increase_volume": takes(by={"type": "integer"})})
    assert told(speaker, "increase the volume by 5", "do increase volume:1").calls == (call("increase_volume", by=5),)


def test_a_said_choice_beats_the_chosen_one() -> None:
    assert told(LAMP, "set it to warm white", "set colour:white").calls == (write("colour", "warm white"),)


def test_what_makes_a_choice_so_says_it() -> None:
    lock = thing("Cellar lock", "Lock", {"set_state": takes(state={"enum": ["locked", "unlocked"]})})
    for text, state in (("unlock the cellar lock", "unlocked"), ("lock the cellar lock", "locked")):
        for chosen in ("locked", "unlocked"):
            assert told(lock, text, f"do set state:{chosen}").calls == (call("set_state", state=state),)


def test_a_colour_that_goes_nowhere_switches_nothing() -> None:
    plain = thing("Bedside lamp", "Light", {"turn_on": {}, "turn_off": {}})
    found = told(plain, "make the bedside lamp blue", "do turn off")
    assert (found.status, found.reason) == ("cannot", "Bedside lamp has no colour that could be set.")
    assert told(plain, "turn off the bedside lamp in the blue room", "do turn off").status == "ok"


@pytest.mark.parametrize(
    ("schema", "value"), [({"type": "string"}, "green"), ({"type": "string", "pattern": "^#[0-9a-f]{6}$"}, "#008000")]
)
def test_free_colours_are_copied_or_coded(schema: dict[str, Any], value: str) -> None:
    strip = thing("Strip", "Light", {"set_colour": takes(colour=schema)})
    assert told(strip, "make the strip green please", 'do set colour:"').calls == (call("set_colour", colour=value),)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("play jazz on it", "jazz"),
        ("say hello to everyone through it", "hello to everyone"),
        ("display Back at 5 on it please", "Back at 5"),
        ("announce dinner", "dinner"),
        ("play the song Don't Stop Me Now on it", "Don't Stop Me Now"),
        ("say 'it's late' on it", "it's late"),
        ("write “Bin day” on it", "Bin day"),
        ("connect it to guest-net", "guest-net"),
        ("let it say good night", "good night"),
        ("add milk and eggs to it", "milk and eggs"),
        ("go", ""),
    ],
)
def test_texts_are_copied(sentence: str, text: str) -> None:
    assert copied(sentence) == text


# Options


def test_actions_stand_before_writes_that_do_the_same() -> None:
    assert [option.line for option in options_of(LAMP.affordances)][:5] == [
        "do turn on",
        "do turn off",
        "get on",
        "get brightness",
        "set brightness # percent 0 to 100",
    ]
    lamp = thing(
        "Lamp",
        "Light",
        {"turn_on": {}, "turn_off": {}, "set_brightness": takes(brightness=PERCENT), "toggle": {}},
        {"on": {"type": "boolean"}, "brightness": PERCENT, "armed": {"type": "boolean"}},
    )
    writes = [offer.affordance.name for offer in offers_of(lamp.affordances) if offer.affordance.op == "write"]
    assert writes == ["armed"]


def test_an_action_with_a_shorter_name_does_what_the_write_would() -> None:
    valve = thing("Valve", "Thermostat", {"set_target": takes(value=CELSIUS)}, {"target_temperature": CELSIUS})
    assert [offer.affordance.name for offer in offers_of(valve.affordances)] == ["set_target", "target_temperature"]
    found = told(valve, "raise it by 2 degrees", "do set target:+1", {"target_temperature": 20})
    assert found.calls == (call("set_target", value=22),)


def test_a_shorter_name_that_fits_two_properties_stands_for_neither() -> None:
    fan = thing("Fan", "Fan", {"set_mode": takes(value={"type": "string", "enum": ["low", "high"]})},
                {name: {"type": "string", "enum": ["low", "high"]} for name in ("fan_mode", "night_mode")})
    writes = [offer.affordance.name for offer in offers_of(fan.affordances) if offer.affordance.op == "write"]
    assert writes == ["fan_mode", "night_mode"]


def test_one_way_actions_leave_the_write() -> None:
    lamp = thing(
        "Lamp",
        "Light",
        {"toggle": {"motewise:affects": "on"}, "dim": {"motewise:affects": "level"}},
        {"on": {"type": "boolean"}, "level": PERCENT},
    )
    assert {offer.affordance.name for offer in offers_of(lamp.affordances) if offer.affordance.op == "write"} == {
        "on",
        "level",
    }


def test_what_no_sentence_can_fill_is_no_option() -> None:
    robot = thing(
        "Robot",
        "Robot",
        {
            "follow": takes(path={"type": "array"}),
            "go": {"input": {"type": "object", "required": [], "properties": {"where": {"type": "object"}}}},
        },
    )
    assert [option.line for option in options_of(robot.affordances)] == ["do go"]


@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            "do turn on",
            "do turn off",
            "get on",
            "set brightness:1",
            "set brightness:+",
            "set brightness:^",
            "set colour:red",
            "set colour temperature:-",
            "none",
            "do turn on;set brightness:1",
            "set brightness:v;set colour:white",
        ]
    ),
)
def test_no_sentence_breaks_understanding_or_gets_past_the_schemas(text: str, answer: str) -> None:
    found = told(LAMP, text, answer, NOW)
    assert found.status == ("ok" if found.calls or found.reads else "cannot")
    assert bool(found.reason) == (found.status == "cannot")
    for made in found.calls:
        if "property" in made:
            affordance = LAMP.affordance("write", made["property"])
            assert affordance is not None
            check(affordance.schema, made["value"])

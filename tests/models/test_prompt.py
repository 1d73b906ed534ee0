"""The prompt, its grammar and the reading of answers: one language for all three."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.prompt import (
    CALLS_MAX,
    OPTIONS_MAX,
    AnswerError,
    Choice,
    Option,
    Prompt,
    Slot,
    Value,
    answer_of,
    kinds_of,
    slot_of,
    with_name_taken,
)

OPTIONS = (
    Option("do", "turn_on", "turn on", "switches the light"),
    Option("set", "brightness", "brightness", "", (Slot("", "number", unit="percent", low=0, high=100),)),
    Option("set", "colour", "colour", "", (Slot("", "choice", ("Red", "warm white", "Warm")),)),
    Option(
        "do", "say", "say", "", (Slot("text", "text"), Slot("loud", "boolean"), Slot("times", "number", required=False))
    ),
    Option("get", "on", "on"),
)


def prompt(sentence: str, allowed: frozenset[int] | None = None) -> Prompt:
    return Prompt("light", "Desk lamp", OPTIONS, sentence, allowed)


def test_prefix_is_the_options_and_the_same_for_every_sentence() -> None:
    assert prompt("turn it on").prefix == (
        "light\ndo turn on, switches the light\nset brightness # percent 0 to 100\n"
        'set colour [red|warm white|warm]\ndo say text " loud yes no times #\nget on\n'
    )
    assert prompt("turn it on").prefix == prompt("say hello", frozenset({1})).prefix


@pytest.mark.parametrize(
    ("sentence", "suffix"),
    [
        ("Dim the desk lamp to forty percent", "> dim it to #1 40 percent="),
        ("dim  Desk   Lamp to 40%, then to half", "> dim it to #1 40 percent , then to #2 50 percent="),
        ("turn it on", "> turn it on="),
        ('say "A=B > C"', '> say "a b c"='),
        ("", "> ="),
    ],
)
def test_numbers_are_marked_and_the_name_is_taken_out(sentence: str, suffix: str) -> None:
    assert prompt(sentence).suffix == suffix


@pytest.mark.parametrize("sign", ["\n", "=", ">", "#", "[", "]", "|"])
def test_no_sentence_can_write_a_line_of_the_prompt(sign: str) -> None:
    assert prompt(f"a{sign}do turn off{sign}b").suffix == "> a do turn off b="


ANSWERS = [
    ("do turn on", (Choice(0),)),
    ("none", ()),
    ("set brightness:1", (Choice(1, (Value("number", 0),)),)),
    ("set brightness:2", (Choice(1, (Value("number", 1),)),)),
    ("set brightness:+1", (Choice(1, (Value("up", 0),)),)),
    ("set brightness:-", (Choice(1, (Value("down"),)),)),
    ("set brightness:^", (Choice(1, (Value("most"),)),)),
    ("set brightness:v", (Choice(1, (Value("least"),)),)),
    ("set colour:red", (Choice(2, (Value("choice", text="Red"),)),)),
    ("set colour:warm", (Choice(2, (Value("choice", text="Warm"),)),)),
    ("set colour:warm white;do turn on", (Choice(2, (Value("choice", text="warm white"),)), Choice(0))),
    ('do say:",y,_', (Choice(3, (Value("text"), Value("yes"), Value("absent"))),)),
    ('do say:",n,+2;get on', (Choice(3, (Value("text"), Value("no"), Value("up", 1))), Choice(4))),
]
TWO_NUMBERS = prompt("40 and 50")


@pytest.mark.parametrize(("answer", "choices"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_answers_are_read_and_written_alike(answer: str, choices: tuple[Choice, ...]) -> None:
    assert TWO_NUMBERS.parse(answer + "\n") == choices
    assert answer_of(OPTIONS, choices) == answer + "\n"


def test_every_answer_cut_short_is_refused_or_another_whole_answer() -> None:
    whole = {answer for answer, _ in ANSWERS}
    whole |= {"set colour:warm white", 'do say:",n,+', 'do say:",n,+2', "set brightness:+"}
    for answer, _ in ANSWERS:
        for end in range(len(answer)):
            if answer[:end] in whole:
                TWO_NUMBERS.parse(answer[:end])
            else:
                with pytest.raises(AnswerError):
                    TWO_NUMBERS.parse(answer[:end])


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "do fly",
        "turn on",
        "Do turn on",
        "do turn on;",
        ";do turn on",
        "do turn on,",
        "do turn on:1",
        "do turn ondo turn on",
        "do turn on get on",
        "set brightness",
        "set brightness:",
        "set brightness:3",
        "set brightness:+3",
        "set brightness:0",
        "set brightness:²",
        "set brightness:1 ",
        "set brightness 1",
        "set brightness:_",
        "set colour:blue",
        'do say:"',
        'do say:",x,_',
        "do say:_,y,1",
        "none;get on",
        "get on;none",
        ";".join(["get on"] * (CALLS_MAX + 1)),
    ],
)
def test_what_the_grammar_has_not_is_refused(answer: str) -> None:
    with pytest.raises(AnswerError):
        TWO_NUMBERS.parse(answer + "\n")


def test_options_that_are_not_allowed_are_in_no_answer() -> None:
    limited = prompt("40", frozenset({1}))
    assert limited.parse("set brightness:1") == (Choice(1, (Value("number", 0),)),)
    with pytest.raises(AnswerError):
        limited.parse("do turn on")
    assert "call ::= c1\n" in limited.grammar
    assert prompt("40", frozenset()).grammar.startswith('root ::= ("none") "\\n"')


def test_what_the_rules_know_limits_the_grammar() -> None:
    sure = Prompt("light", "", OPTIONS, "to 40", frozenset({1}), {(1, 0): ("1",)}, True)
    assert 'root ::= (call ) "\\n"\ncall ::= c1\n' in sure.grammar
    assert 'c1 ::= "set brightness" ":" ("1")\n' in sure.grammar
    two = Prompt("light", "", OPTIONS, "to 40", frozenset({1, 2}))
    assert 'root ::= ("none" | call (";" call )? ) "\\n"\n' in two.grammar
    assert Prompt("light", "", OPTIONS, "to 40", frozenset(), sure=True).grammar.startswith('root ::= ("none") "\\n"')


def test_the_longest_name_that_stands_there_is_meant() -> None:
    options = (Option("get", "on", "on"), Option("get", "on_time", "on time"), Option("get", "on time", "on time"))
    shown = Prompt("light", "", options, "x")
    assert [shown.parse(answer)[0].option for answer in ("get on", "get on time")] == [0, 1]


def test_calls_are_limited() -> None:
    assert len(TWO_NUMBERS.parse(";".join(["get on"] * CALLS_MAX))) == CALLS_MAX


_PIECES = ["do turn on", "set brightness", "set colour", "do say", "get on", "none", ";", ":", ",", "1", "2", "3", "+"]


@given(
    st.lists(
        st.sampled_from([*_PIECES, "-", "^", "v", "_", "y", '"', " ", "red", "warm", "warm white", "\n"]), max_size=9
    )
)
def test_reading_any_answer_gives_choices_or_one_error(pieces: list[str]) -> None:
    try:
        choices = TWO_NUMBERS.parse("".join(pieces))
    except AnswerError:
        return
    assert all(len(choice.values) == len(OPTIONS[choice.option].slots) for choice in choices)
    assert TWO_NUMBERS.parse(answer_of(OPTIONS, choices)) == choices


def test_numbers_cannot_be_pointed_at_where_none_was_said() -> None:
    assert '"1"' not in prompt("dim it").grammar
    assert 'number ::= ("+" | "-") ("1" | "2")? | "1" | "2" | "^" | "v"' in TWO_NUMBERS.grammar


@pytest.mark.parametrize(
    ("sentence", "title", "named"),
    [
        ("turn on the Hall lamp", "Hall lamp", "turn on it"),
        ("turn on my hall  lamp", "Hall lamp", "turn on it"),
        ("hall lamps", "Hall lamp", "hall lamps"),
        ("play jazz on Stereo.", "Stereo", "play jazz on it."),
        ("turn on C++ (left)", "C++ (left)", "turn on it"),
        ("turn it on", "", "turn it on"),
    ],
)
def test_the_name_of_the_thing_is_it(sentence: str, title: str, named: str) -> None:
    assert with_name_taken(sentence, title) == named


SLOTS = [
    ({"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}, "number", "level # percent 0 to 100"),
    ({"type": "number", "unit": "degree_celsius"}, "number", "level # degree celsius"),
    ({"type": "string", "enum": ["A", "b c"]}, "choice", "level [a|b c]"),
    ({"type": "boolean"}, "boolean", "level yes no"),
    ({"type": "string"}, "text", 'level "'),
    ({}, "text", 'level "'),
    ({"type": "integer", "enum": [1, 2]}, "number", "level #"),
]


@pytest.mark.parametrize(("schema", "kind", "shown"), SLOTS)
def test_schemas_become_slots(schema: dict[str, object], kind: str, shown: str) -> None:
    slot = slot_of("level", schema)
    assert slot.type == kind
    assert Option("do", "go", "go", "", (slot,)).line == f"do go {shown}"


def test_kinds_are_words() -> None:
    assert kinds_of(("saref:LightSwitch", "Light")) == "light switch"
    assert kinds_of(()) == "device"


def test_options_beyond_the_most_are_neither_shown_nor_answered() -> None:
    many = tuple(Option("do", f"act_{number}", f"act {number}") for number in range(OPTIONS_MAX + 4))
    shown = Prompt("machine", "", many, "act 3")
    assert len(shown.prefix.splitlines()) == 1 + OPTIONS_MAX
    assert shown.parse(many[OPTIONS_MAX - 1].call) == (Choice(OPTIONS_MAX - 1),)
    with pytest.raises(AnswerError):
        shown.parse(many[OPTIONS_MAX].call)

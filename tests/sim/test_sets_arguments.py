"""The sets of arguments: frozen, sound against their own Things, and judged right. Oracles are written by hand."""

import asyncio
from collections import Counter

import pytest

from device_agent.understand import Understanding
from firmware_py.core import schema
from firmware_py.core.errors import LocalError, SchemaError
from ontology.description import read
from sim.rules_only import RulesOnly
from sim.sets import arguments, frozen
from sim.sets.cases import Case, failure, lists, right, same_value
from sim.sets.spelling import spelled

BOTH = ("llmind", "extended")


class First:
    """Luck that always draws the first choice, and never the rarer one."""

    def choice(self, choices):
        return choices[0]

    def random(self):
        return 0.9


@pytest.mark.parametrize("kind", BOTH)
def test_set_is_the_frozen_one(kind):
    frozen.check(f"arguments.{kind}", arguments.cases(kind))
    assert list(arguments.KINDS[kind]()) == arguments.cases(kind)


def test_a_changed_set_is_told():
    cases = arguments.cases("extended")
    with pytest.raises(LocalError, match="not the frozen one"):
        frozen.check("arguments.extended", cases[1:])
    with pytest.raises(LocalError, match="never frozen"):
        frozen.check("arguments.nowhere", cases)
    with pytest.raises(LocalError, match="no set"):
        arguments.cases("nowhere")


def test_llmind_has_as_many_of_each_count():
    cases = arguments.cases("llmind")
    assert Counter(len(case.calls) for case in cases) == {1: 1200, 2: 1200, 3: 1200, 4: 1200}
    assert len({case.sentence for case in cases}) == 4800
    for case in cases:
        offered = {**case.td.get("properties", {}), **case.td.get("actions", {})}
        assert 0 <= len(offered) - len(case.calls) <= 6
        assert len({name.upper() for name in offered}) == len(offered)
    acting = sum("actions" in case.td for case in cases)
    assert 0.2 < acting / 4800 < 0.3
    assert len(lists()["llmind"]["one"]) >= 40


def test_extended_is_wide_enough():
    cases = arguments.cases("extended")
    assert len(cases) >= 2000
    assert len({case.td["title"] for case in cases}) >= 25
    assert sum(case.refuse for case in cases) >= len(cases) / 10
    assert {"unit", "percent", "fraction", "relative", "vague", "enum", "text", "colour", "several-3"} <= {
        case.kind for case in cases}


@pytest.mark.parametrize("kind", BOTH)
def test_every_expected_call_keeps_the_schema_of_its_thing(kind):
    for case in arguments.cases(kind):
        thing = read(case.td)
        assert bool(case.calls) != case.refuse
        for call in case.calls:
            if "property" in call:
                affordance = thing.affordance("write", call["property"])
                values = {"": call["value"]}
            else:
                affordance = thing.affordance("action", call["action"])
                values = call["input"]
            assert affordance is not None
            assert {one.name for one in affordance.fields if one.required} <= set(values)
            rules = {one.name: one.schema for one in affordance.fields}
            for name, value in values.items():
                assert _possible(rules[name], value), case


def _possible(rules, value):
    """Whether some value that the schema allows is the expected one."""
    tries = [value]
    if isinstance(value, dict):
        tries = value.get("one_of") or [round(value.get("near", rules.get("minimum", 0))), value.get("near"),
                                        rules.get("minimum"), rules.get("maximum")]
    for one in tries:
        try:
            schema.check(rules, one)
        except SchemaError:
            continue
        if same_value(value, one):
            return True
    return False


WRITE = {"property": "level", "value": 40}
SOFTER = {"property": "level", "value": {"below": 40}}
HOT = {"action": "heat", "input": {"degrees": {"near": 62.778, "within": 0.06}}}
RED = {"property": "ink", "value": {"one_of": ["#ff0000"]}}


@pytest.mark.parametrize(("wanted", "calls", "good"), [
    ([WRITE], [{"property": "level", "value": 40}], True),
    ([WRITE], [{"property": "level", "value": 40.0}], True),
    ([WRITE], [{"property": "level", "value": 41}], False),
    ([WRITE], [{"property": "height", "value": 40}], False),
    ([WRITE], [], False),
    ([WRITE], [WRITE, WRITE], False),
    ([WRITE], [WRITE, {"property": "height", "value": 1}], False),
    ([WRITE, RED], [{"property": "ink", "value": "#ff0000"}, WRITE], True),
    ([WRITE, RED], [WRITE, WRITE], False),
    ([RED], [{"property": "ink", "value": "red"}], False),
    ([SOFTER], [{"property": "level", "value": 39}], True),
    ([SOFTER], [{"property": "level", "value": 40}], False),
    ([SOFTER], [{"property": "level", "value": False}], False),
    ([HOT], [{"action": "heat", "input": {"degrees": 62.8}}], True),
    ([HOT], [{"action": "heat", "input": {"degrees": 145}}], False),
    ([HOT], [{"action": "heat", "input": {"degrees": 62.8, "minutes": 5}}], False),
    ([HOT], [{"action": "heat", "input": {}}], False),
    ([{"property": "lit", "value": True}], [{"property": "lit", "value": 1}], False),
    ([{"property": "sign", "value": "Back at noon"}], [{"property": "sign", "value": "back at noon"}], False),
])
def test_calls_are_judged(wanted, calls, good):
    case = Case("one", "number", {}, "", {}, tuple(wanted))
    assert right(case, Understanding("ok", tuple(calls))) is good
    assert not right(case, Understanding("cannot", code="unsure"))


def test_only_a_refusal_is_right_where_nothing_may_be_done():
    case = Case("one", "refuse out of range", {}, "", refuse=True)
    assert right(case, Understanding("cannot", code="out_of_range"))
    assert not right(case, Understanding("ok", (WRITE,)))
    assert not right(case, Understanding("ok", (), ("level",)))
    assert failure(case, Understanding("ok", (WRITE,))) == "refuse out of range: wrong call"


def test_failures_are_told_by_kind():
    case = Case("one", "unit", {}, "", {}, (WRITE,))
    assert failure(case, Understanding("cannot", code="unsure")) == "unit: refused (unsure)"
    assert failure(case, Understanding("ok", ({"property": "level", "value": 4},))) == "unit: wrong value"
    assert failure(case, Understanding("ok", ({"property": "height", "value": 40},))) == "unit: wrong function"
    assert failure(case, Understanding("ok", (WRITE, RED))) == "unit: too many calls"


@pytest.mark.parametrize(("number", "words"), [
    (0, "zero"), (12, "twelve"), (40, "forty"), (26, "twenty-six"), (100, "one hundred"), (-5, "minus five"),
    (125, "one hundred and twenty-five"), (3804, "three thousand eight hundred and four"), (2.25, "two point two five"),
    (1005, "one thousand and five"), (0.5, "zero point five"), (21.5, "twenty-one point five"),
])
def test_numbers_are_spelled_as_people_do(number, words):
    assert spelled(number, First()) == words


def test_measuring_counts_every_case_once():
    good, of, failures = asyncio.run(arguments.measure(RulesOnly(), "extended", limit=40))
    assert of == 40
    assert good + sum(failures.values()) == 40
    assert 0 < good < 40

"""What is allowed, and what needs a yes."""

from dataclasses import dataclass
from typing import Any

import pytest
from small_house import LAMP, LOCK, THERMOMETER

from coordinator.policy import Policy, PolicyError, hash_pin, reaches_risk
from ontology import description

LOCK_THING, LAMP_THING = description.read(LOCK, "h"), description.read(LAMP, "h")


@dataclass(frozen=True)
class Step:
    """As much of a planned step as policy looks at."""

    thing: Any
    text: str = "do"
    guard: Any = None
    read: bool = False
    id: str = "s1"


@pytest.mark.parametrize(("sentence", "risky"), [
    ("unlock the Front door lock", True), ("open the Front door lock", True), ("lock the Front door lock", False),
    ("lock and unlock the Front door lock", True), ("set locked to false on the Front door lock", True),
    ("let the plumber in", True), ("LOCK the front door lock", False), ("", True),
])
def test_who_is_in_doubt_asks(sentence, risky):
    assert reaches_risk(LOCK_THING, sentence) is risky


def test_harmless_thing_is_never_risky():
    assert not reaches_risk(LAMP_THING, "unlock and open everything")


def policy(tmp_path, allow):
    shipped = Policy.read()
    path = tmp_path / "policy.toml"
    rest = "[confirm]\nkinds=[]\nmore_things_than=1\n[limits]\nsteps_per_command=2\nopen_commands_per_client=1\n" \
           "rules_per_client=1\nclarifications_per_command=1\nwrong_pins_per_question=1\n[seconds]\ndeadline=1\nquestion=1\n"
    path.write_text(allow + rest)
    assert shipped.allow
    return Policy.read(path)


def test_what_no_row_allows_is_refused(tmp_path):
    rules = policy(tmp_path, '[[allow]]\nwho=["ann"]\nmay=["act"]\nkinds=["light"]\nrooms=["hall"]\n')
    judge = rules.judge
    assert judge("ann", [Step(LAMP_THING)], strangers=False).refused == {}
    for client, step in (("bob", Step(LAMP_THING)), ("ann", Step(LOCK_THING)), ("ann", Step(LAMP_THING, read=True)),
                         ("ann", Step(LAMP_THING, guard={"every_s": 1}))):
        assert judge(client, [step], strangers=False).refused["s1"].startswith("You may not")


def test_empty_policy_allows_nothing(tmp_path):
    assert "s1" in policy(tmp_path, "").judge("ann", [Step(LAMP_THING)], strangers=False).refused


def test_many_things_need_a_yes_and_too_many_steps_are_refused(tmp_path):
    rules = policy(tmp_path, '[[allow]]\nwho=["*"]\nmay=["act"]\nkinds=["*"]\nrooms=["*"]\n')
    sensor = description.read({**THERMOMETER, "actions": {"reset": {}}}, "h")
    steps = [Step(LAMP_THING), Step(sensor, id="s2"), Step(LAMP_THING, id="s3")]
    verdict = rules.judge("ann", steps, strangers=False)
    assert list(verdict.refused) == ["s3"]
    assert "more than 1" in verdict.doubts["s1"]


def test_reading_a_lock_needs_nothing():
    verdict = Policy.read().judge("ann", [Step(LOCK_THING, "is it open", read=True)], strangers=True)
    assert (verdict.refused, verdict.doubts) == ({}, {})


def test_pin():
    rules = Policy.read(pin=hash_pin("1234"))
    assert rules.accepts_pin("1234")
    assert not rules.accepts_pin("1235")
    assert not rules.accepts_pin(None)
    assert Policy.read().accepts_pin(None)
    with pytest.raises(PolicyError):
        Policy.read(pin="1234").accepts_pin("1234")


@pytest.mark.parametrize("text", ["", "[[allow]", "[confirm]\nkinds=3", "\xff"])
def test_policy_that_cannot_be_read_is_one_sentence(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(PolicyError):
        Policy.read(path)

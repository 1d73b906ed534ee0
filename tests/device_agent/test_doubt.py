"""Where no rule leads anywhere: words known for something else are refused, strange words about the Thing go to the
model, whose confidence must then be higher than elsewhere."""

from __future__ import annotations

import asyncio

import pytest
from test_retrieve import LAMP, Parrot

from device_agent.understand import CONFIDENCE, CONFIDENCE_ASTRAY, understand


def test_strange_words_about_the_thing_go_to_the_model() -> None:
    parrot = Parrot("do turn on")
    found = asyncio.run(understand(LAMP, "let it work its magic", {}, parrot))
    assert len(parrot.asked) == 1
    assert found.calls == ({"action": "turn_on", "input": {}},)


@pytest.mark.parametrize("text", ["recite a sonnet", "what is its humidity", "read its battery"])
def test_what_is_known_for_something_else_or_is_not_about_the_thing_is_refused(text: str) -> None:
    parrot = Parrot("do turn on")
    found = asyncio.run(understand(LAMP, text, {}, parrot))
    assert (found.code, parrot.asked) == ("cannot", [])


def test_more_confidence_is_needed_where_no_rule_led_anywhere() -> None:
    assert CONFIDENCE_ASTRAY > CONFIDENCE

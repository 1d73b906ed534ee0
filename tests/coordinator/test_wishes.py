"""A wish about how something shall be becomes the order that brings it about; what tells of something stays so."""

from __future__ import annotations

import pytest

from coordinator import phrases
from coordinator.wishes import active


def made(text: str) -> str:
    return " ".join(token.word for token in active(phrases.tokens(text)))


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        ("the bedroom curtains drawn", "draw the bedroom curtains"),
        ("the radio turned down", "turn the radio down"),
        ("the blinds in the office be lowered a bit", "lower the blinds in the office a bit"),
        ("the heating raised by two degrees", "raise the heating by two degrees"),
        ("the light dimmed to 20", "dim the light to 20"),
    ],
)
def test_wish_becomes_the_order(wish: str, order: str) -> None:
    assert made(wish) == order


@pytest.mark.parametrize(
    "text", ["the curtains were drawn", "turn the light on", "the locked door", "closed for today", "anna turned up"]
)
def test_what_is_no_wish_stays_as_it_is(text: str) -> None:
    assert made(text) == text

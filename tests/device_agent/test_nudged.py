"""Changes that are said loosely are read as the plain order; what is no change stays as it is."""

from __future__ import annotations

import pytest

from device_agent.nudged import nudged


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("bump it up to seventy", "set it to seventy"),
        ("let it come down to sixteen overnight", "set it to sixteen overnight"),
        ("swap it over to orange", "set it to orange"),
        ("take it from eighty down to fifty five", "take it to fifty five"),
        ("knock ten off the volume", "lower the volume by ten"),
        ("shave two degrees off it", "lower it by two degrees"),
        ("back it off three degrees", "lower it by three degrees"),
        ("stick five percent on it", "raise it by five percent"),
        ("dial it back a little", "turn it down a little"),
        ("crank it right up", "turn it up"),
    ],
)
def test_loose_change_is_read_as_the_plain_one(said: str, plain: str) -> None:
    assert nudged(said) == plain


@pytest.mark.parametrize(
    "said",
    ["stick eggs on it", "take a picture", "cut it off", "knock on the door", "move to position 5", "from me to you"],
)
def test_what_is_no_change_stays_as_it_is(said: str) -> None:
    assert nudged(said) == said

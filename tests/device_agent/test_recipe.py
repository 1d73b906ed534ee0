"""LLMind's recipe with wordings of our own: every number goes to the attribute that it stands beside, by rule alone."""

from __future__ import annotations

import asyncio

import pytest
from recipe import told, values_of
from things_told import Parrot

from device_agent.understand import understand


@pytest.mark.parametrize("begin", range(0, 400, 100))
def test_every_number_goes_to_its_attribute(begin: int) -> None:
    wrong = []
    for seed in range(begin, begin + 100):
        row = told(seed)
        found = asyncio.run(understand(row.thing, row.text, {}, Parrot("none")))
        if values_of(found.calls) != row.wanted:
            wrong.append((row.text, values_of(found.calls) or found.reason))
    assert wrong == []

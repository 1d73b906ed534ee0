"""The shipped model, through the whole understanding of a device, on the sentences of sentences_told.toml."""

from __future__ import annotations

import asyncio
import statistics
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from device_agent.understand import Understanding, understand
from models.language.brain import Brain
from ontology.description import Thing, read

# The share of sentences that must come out exactly right.
SHARE = 0.9


@dataclass(frozen=True)
class Row:
    thing: Thing
    text: str
    wanted: str
    must: bool
    now: dict[str, Any]


def rows() -> list[Row]:
    table = tomllib.loads(Path(__file__).with_name("sentences_told.toml").read_text("utf-8"))
    made = []
    for name, given in table["things"].items():
        td = {"id": f"urn:x:{name}", "title": given["title"], "@type": given["kind"]}
        thing = read({**td, "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        for text, wanted, *must in given["say"]:
            made.append(Row(thing, text, wanted, bool(must), given.get("now", {})))
    return made


def shown(found: Understanding) -> str:
    """An Understanding in the words of the table."""
    if found.status != "ok":
        return "-"
    return "; ".join([*map(_call, found.calls), *(f"?{name}" for name in found.reads)])


def _call(call: dict[str, Any]) -> str:
    if "property" in call:
        return f"{call['property']}={_plain(call['value'])}"
    return " ".join([call["action"], *(f"{name}={_plain(value)}" for name, value in call["input"].items())])


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def ask(asked: Iterable[Row]) -> list[Understanding]:
    async def inside() -> list[Understanding]:
        async with Brain() as brain:
            return [await understand(row.thing, row.text, row.now, brain) for row in asked]

    return asyncio.run(inside())


@pytest.fixture(scope="module")
def answers() -> list[tuple[Row, Understanding]]:
    asked = rows()
    return list(zip(asked, ask(asked), strict=True))


def told(row: Row, found: Understanding) -> str:
    return f"{row.text!r} ({row.thing.title}): {shown(found)}, not {row.wanted}; {found.confidence:.2f} {found.reason}"


def test_table_is_large_and_hard_enough() -> None:
    asked = rows()
    assert len({row.thing.id for row in asked}) == 12
    assert len(asked) >= 60
    assert sum(row.wanted == "-" for row in asked) >= 6


def test_basic_sentences_all_come_out_right(answers: list[tuple[Row, Understanding]]) -> None:
    wrong = [told(row, found) for row, found in answers if row.must and shown(found) != row.wanted]
    assert wrong == []


def test_most_sentences_come_out_right(answers: list[tuple[Row, Understanding]]) -> None:
    wrong = [told(row, found) for row, found in answers if shown(found) != row.wanted]
    assert 1 - len(wrong) / len(answers) >= SHARE, "\n".join(wrong)


def test_sentences_take_milliseconds(answers: list[tuple[Row, Understanding]]) -> None:
    """Far from what is measured on a quiet machine; a model that became ten times slower fails."""
    assert statistics.median(sum(found.ms.values()) for _, found in answers) < 500


def test_the_same_sentences_give_the_same_answers(answers: list[tuple[Row, Understanding]]) -> None:
    some = answers[::7]
    again = ask(row for row, _ in some)
    assert [shown(found) for found in again] == [shown(found) for _, found in some]

"""The idioms that the language model is trained with: each belongs to a concept and a kind that there are, has the
places that its concept needs, and never means two opposite things."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.language.synthesis import idioms, normal, table

FORMS = ("action", "number", "choice", "boolean", "read", "text")
CONCEPTS = {row["id"]: form for form in FORMS for row in table()[form]}
OPPOSITE = (("on", "say", "off", "say"), ("open", "say", "close", "say"), ("lock", "say", "unlock", "say"),
            ("volume_up", "say", "volume_down", "say"), ("mute", "say", "unmute", "say"),
            ("brightness", "up", "brightness", "down"), ("volume", "up", "volume", "down"),
            ("target_temperature", "up", "target_temperature", "down"), ("power_flag", "yes", "power_flag", "no"))


def wordings(concept: str, key: str) -> Iterator[tuple[str, str]]:
    """(kind of Thing, wording)."""
    for kind, said in idioms()[concept].get(key, {}).items():
        yield from ((kind, one) for one in said)


def test_each_is_of_a_concept_and_a_kind_that_there_are() -> None:
    assert set(idioms()) - {"none"} <= set(CONCEPTS)
    kinds = {kind for rows in idioms().values() for by_kind in rows.values() for kind in by_kind}
    assert kinds - {"any"} <= set(table()["kinds"])
    assert sum(len(said) for rows in idioms().values() for by_kind in rows.values() for said in by_kind.values()) > 6000


@pytest.mark.parametrize(("keys", "forms", "place"), [
    (("set", "up_by", "down_by"), ("number",), "{n}"), (("set",), ("choice",), "{c}"), (("say",), ("text",), "{t}")])
def test_each_has_the_place_that_its_value_needs(keys: tuple[str, ...], forms: tuple[str, ...], place: str) -> None:
    for concept in (one for one in idioms() if CONCEPTS.get(one) in forms):
        for key in keys:
            assert [one for _, one in wordings(concept, key) if place not in one] == []


@pytest.mark.parametrize(("one", "its", "other", "theirs"), OPPOSITE)
def test_none_means_a_thing_and_its_opposite(one: str, its: str, other: str, theirs: str) -> None:
    some, rest = set(wordings(one, its)), set(wordings(other, theirs))
    assert some
    assert {(kind, normal(said)) for kind, said in some} & {(kind, normal(said)) for kind, said in rest} == set()

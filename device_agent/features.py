"""The words of an option, and those that lead to it: what sentences and options are compared by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from device_agent import wording
from models.language.prompt import Option, name_words


def content(words: Iterable[str]) -> frozenset[str]:
    """The words that say something about which option is meant."""
    return frozenset(word for word in words if word[0].isalnum() and word not in stop_words())


@lru_cache(maxsize=4096)
def features_of(option: Option) -> dict[str, float]:
    """The words of an option and those that lead to it, with weights up to 1."""
    found: dict[str, float] = {}

    def add(words: Sequence[str], weight: float) -> None:
        for word in words:
            if word not in stop_words():
                found[word] = max(found.get(word, 0.0), weight)
                for other in alike().get(word, ()):
                    found[other] = max(found.get(other, 0.0), 0.6 * weight)

    add(name_words(option.label), 1.0)
    add(name_words(option.about), 0.5)
    for slot in option.slots:
        add(name_words(slot.name), 0.8)
        add(name_words(slot.unit), 0.4)
        for choice in slot.choices:
            add(name_words(choice), 0.9)
    return found


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that say nothing about which option is meant."""
    return frozenset(wording.table()["find"]["stop"])


@lru_cache(maxsize=1)
def alike() -> dict[str, frozenset[str]]:
    """Word -> the words that lead to the same options."""
    rows: dict[str, set[str]] = {}
    for row in wording.table()["find"]["alike"]:
        for word in row:
            rows.setdefault(word, set()).update(row)
    return {word: frozenset(others) for word, others in rows.items()}

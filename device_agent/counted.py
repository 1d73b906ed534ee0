"""How many numbers the words of a sentence are, for the names that stand beside them.

Rules: the numbers as they are read alone come first; then every run of them divided into as many as there are names
before it, after it, or into one (models/language/divided.py). Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from device_agent.mentioned import NUMBER, Mentioned, Worth, known, words_in
from models.language.divided import divided


def counted(found: Mentioned, strange: Sequence[Worth]) -> Iterable[list[Worth]]:
    """The values with numbers as they are read alone; then every run of numbers divided for the names beside it."""
    plain = [one for one in found.values if one.kind != NUMBER]
    numbers = [one for one in found.values if one.kind == NUMBER]
    yield _sorted([*found.values, *strange])
    runs: list[list[Worth]] = []
    for number in numbers:
        between = words_in(found.text[runs[-1][-1].end:number.start]) if runs else ["?"]
        if runs and all(word in known("list", "values") for word in between):
            runs[-1].append(number)
        else:
            runs.append([number])
    choices: list[list[list[Worth]]] = []
    for run in runs:
        before = sum(1 for name in found.names if name.end <= run[0].start and not any(
            name.end <= number.start < run[0].start for number in numbers))
        after = sum(1 for name in found.names if name.start >= run[-1].end and not any(
            run[-1].end <= number.start < name.start for number in numbers))
        made = [run]
        for count in dict.fromkeys((before, after, 1)):
            parts = [Worth(one.start, one.end, NUMBER, one.said, one)
                     for one in divided(found.text, run[0].start, run[-1].end, count)]
            if parts and parts not in made:
                made.append(parts)
        choices.append(made)
    for chosen in itertools.islice(itertools.product(*choices), 1, 32):
        yield _sorted([*plain, *strange, *(number for run in chosen for number in run)])


def _sorted(values: Iterable[Worth]) -> list[Worth]:
    return sorted(values, key=lambda one: one.start)

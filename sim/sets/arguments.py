"""The test sets `arguments.llmind` and `arguments.extended`: `cases("llmind")` and `cases("extended")`.

Made at run time from a fixed seed and held to `frozen.toml`; written apart from what makes the training data. `measure`
puts every case through `device_agent.understand` and counts failures by kind, never by sentence."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from random import Random

from device_agent.understand import Thinker, understand
from firmware_py.core.errors import LocalError
from ontology.description import read
from sim.sets import arguments_extended, arguments_llmind, frozen
from sim.sets.cases import Case, failure, right

__all__ = ["KINDS", "Case", "cases", "measure", "right"]

KINDS = {"llmind": arguments_llmind.make, "extended": arguments_extended.make}


@lru_cache(maxsize=2)
def _made(kind: str) -> tuple[Case, ...]:
    if kind not in KINDS:
        raise LocalError(f"There is no set 'arguments.{kind}'; there are: {', '.join(KINDS)}.")
    made = tuple(KINDS[kind]())
    frozen.check(f"arguments.{kind}", made)
    return made


def cases(kind: str) -> list[Case]:
    """The cases of "llmind" (4,800) or "extended"; LocalError if they are not the frozen ones."""
    return list(_made(kind))


async def measure(brain: Thinker, kind: str, limit: int | None = None) -> tuple[int, int, Counter[str]]:
    """(right, of, failures by kind). With a `limit`, that many cases, drawn evenly and always the same."""
    chosen = cases(kind)
    if limit is not None and limit < len(chosen):
        chosen = Random(limit).sample(chosen, limit)
    good, failures = 0, Counter[str]()
    for case in chosen:
        found = await understand(read(case.td), case.sentence, case.present, brain)
        if right(case, found):
            good += 1
        else:
            failures[failure(case, found)] += 1
    return good, len(chosen), failures

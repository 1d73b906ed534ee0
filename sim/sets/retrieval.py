"""`retrieval`: which affordance of a Thing a sentence means, and whether it has one that could serve.

`retrieval/*.toml`, one Thing a file: `thing` (a W3C Thing Description), `asked.{language}` (affordance = sentences,
where `a|b` takes either), `near_miss` and `off_topic` (sentences that nothing of the Thing can serve, by language).
Part `robots`: the shelf robots of ten makers, with names and documentation in their own styles and languages; part
`devices`: other Things with many affordances. Pure but for reading the files; whoever measures brings the ranking."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from firmware_py.core.errors import LocalError
from ontology.description import Thing, read
from sim.sets.frozen import check

NAME = "retrieval"
# The kinds of query: one that the Thing can serve, and the two that it cannot.
ASKED, NEAR_MISS, OFF_TOPIC = "asked", "near_miss", "off_topic"
TOP = (1, 3, 5)
# (affordance name, score) best first, and whether the Thing is held to have what the sentence asks for.
Ranking = tuple[Sequence[tuple[str, float]], bool]
Rank = Callable[[Thing, str], Awaitable[Ranking]]


class RankingError(LocalError):
    """A ranking that names what the Thing does not have; one sentence."""


@dataclass(frozen=True)
class Query:
    """One sentence for one Thing (a key of `things`). `wanted`: the affordances of which each would be right, none
    where the Thing cannot serve it; `language`: of the sentence, `documented`: of the Thing's names and texts."""

    thing: str
    sentence: str
    wanted: tuple[str, ...]
    part: str
    kind: str
    language: str
    documented: str


@dataclass(frozen=True)
class Outcome:
    """What came of a query. `place`: of the first right affordance, from 1, or None; `refused`: held unanswerable."""

    query: Query
    place: int | None
    refused: bool


# Reading the set


@lru_cache(maxsize=1)
def _files() -> dict[str, dict[str, Any]]:
    folder = resources.files("sim.sets").joinpath(NAME)
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in found}


def things() -> dict[str, dict[str, Any]]:
    """{short name: Thing Description}."""
    return {name: file["thing"] for name, file in _files().items()}


def queries() -> list[Query]:
    """The frozen set; LocalError where it was changed."""
    found = queries_unchecked()
    check(NAME, cases_of(found))
    return found


def queries_unchecked() -> list[Query]:
    """All queries of the files as they are, Thing by Thing."""
    return [query for name, file in _files().items() for query in _queries(name, file)]


def cases_of(found: Iterable[Query]) -> list[dict[str, Any]]:
    """What is frozen: each query with the description of its Thing."""
    described = things()
    return [{**dataclasses.asdict(query), "td": described[query.thing]} for query in found]


def _queries(name: str, file: dict[str, Any]) -> Iterable[Query]:
    part, documented = file["part"], file["documented"]
    for language, asked in file["asked"].items():
        for wanted, sentences in asked.items():
            for sentence in sentences:
                yield Query(name, sentence, tuple(wanted.split("|")), part, ASKED, language, documented)
    for kind in (NEAR_MISS, OFF_TOPIC):
        for language, sentences in file[kind].items():
            for sentence in sentences:
                yield Query(name, sentence, (), part, kind, language, documented)


# Measuring


async def measure(rank: Rank, limit: int | None = None) -> dict[str, Any]:
    """The figures of a ranking (see `figures`); `limit`: only so many queries, spread over the set."""
    return figures(await outcomes(rank, limit))


async def outcomes(rank: Rank, limit: int | None = None) -> list[Outcome]:
    """What came of each query; RankingError where an affordance is named that the Thing does not have."""
    every = queries()
    chosen = every if limit is None or limit >= len(every) else [
        every[at * len(every) // limit] for at in range(limit)]
    known = {name: read(td) for name, td in things().items()}
    return [outcome(query, known[query.thing], await rank(known[query.thing], query.sentence)) for query in chosen]


def outcome(query: Query, thing: Thing, ranking: Ranking) -> Outcome:
    """A name counts once, where it stands first: reading and writing a property are one affordance here."""
    ranked, answerable = ranking
    names = list(dict.fromkeys(name for name, _ in ranked))
    if unknown := set(names) - {affordance.name for affordance in thing.affordances}:
        raise RankingError(f"The ranking names '{min(unknown)}', which {thing.title} does not have.")
    place = next((at for at, name in enumerate(names, 1) if name in query.wanted), None)
    return Outcome(query, place, not answerable)


def figures(found: Sequence[Outcome]) -> dict[str, Any]:
    """`top1`, `top3`, `top5`: percent of the answerable queries whose affordance is among the first so many, whether
    they were refused or not; `abstain_precision`, `abstain_recall`, `abstain_f1`: 0 to 1, 0 where nothing was refused;
    the same by `parts`, `languages` (of the sentence) and `documented` (of the Thing); `refused`: percent refused by
    kind of query."""
    return {
        **_summary(found),
        "parts": _split(found, "part"),
        "languages": _split(found, "language"),
        "documented": _split(found, "documented"),
        "refused": {kind: _percent([one.refused for one in group]) for kind, group in _groups(found, "kind").items()},
    }


def _groups(found: Sequence[Outcome], key: str) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for one in found:
        groups.setdefault(getattr(one.query, key), []).append(one)
    return dict(sorted(groups.items()))


def _split(found: Sequence[Outcome], key: str) -> dict[str, dict[str, Any]]:
    return {name: _summary(group) for name, group in _groups(found, key).items()}


def _summary(found: Sequence[Outcome]) -> dict[str, Any]:
    asked = [one for one in found if one.query.wanted]
    refused = [one for one in found if one.refused]
    rightly = sum(not one.query.wanted for one in refused)
    unserved = len(found) - len(asked)
    return {
        "queries": len(found),
        "answerable": len(asked),
        **{f"top{k}": _percent([one.place is not None and one.place <= k for one in asked]) for k in TOP},
        "abstain_precision": _ratio(rightly, len(refused)),
        "abstain_recall": _ratio(rightly, unserved),
        "abstain_f1": _ratio(2 * rightly, len(refused) + unserved),
    }


def _percent(hits: Sequence[bool]) -> float:
    return round(100 * sum(hits) / len(hits), 2) if hits else 0.0


def _ratio(part: int, of: int) -> float:
    return round(part / of, 4) if of else 0.0

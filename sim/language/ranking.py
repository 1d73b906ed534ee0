"""`retrieval`: how our path ranks a Thing's affordances for a sentence, and how it does with pieces taken out.

    whole          what the words come to for each option; embeddings where they lead nowhere
    rules_only     the same without embeddings
    model_only     embeddings alone, which refuse nothing
    no_retrieval   the order of the Thing Description

Held unanswerable: what the plain words rule out, or lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from device_agent import retrieve
from device_agent.options import offers_of
from device_agent.reading import view_of
from device_agent.understand import Thinker
from models.language.prompt import Prompt
from ontology.description import Thing
from sim.language.tally import WHOLE, Tally
from sim.sets import retrieval

PLACES = ("top1", "top3", "top5")


async def ranked(brain: Thinker | None, thing: Thing, sentence: str) -> retrieval.Ranking:
    """By what the rules read and, with a brain, embeddings: `device_agent.retrieve.ranked`."""
    affordances, said = retrieve.in_english(thing, sentence)
    own = {(told.op, told.name): one.name for one, told in zip(thing.affordances, affordances, strict=True)}
    offers = offers_of(affordances)
    options = tuple(offer.option for offer in offers)
    view = view_of(options, thing.title, *thing.kinds, thing.room or "", thing.floor or "")
    vectors = None if brain is None else await _vectors(brain, thing, sentence)
    order, serves = retrieve.ranked(said, view, vectors, thing.title)
    told = [offers[number].affordance for number, _ in order]
    return [(own[one.op, one.name], worth) for one, (_, worth) in zip(told, order, strict=True)], serves


async def by_embeddings(brain: Thinker, thing: Thing, sentence: str) -> retrieval.Ranking:
    """By the model's embeddings alone."""
    offers = offers_of(thing.affordances)
    vectors = await _vectors(brain, thing, sentence)
    near = vectors[1:] @ vectors[0]
    return [(offers[number].affordance.name, float(near[number])) for number in np.argsort(-near, kind="stable")], True


async def as_described(thing: Thing, sentence: str) -> retrieval.Ranking:
    """In the order of the description."""
    names = [offer.affordance.name for offer in offers_of(thing.affordances)]
    return [(name, -float(at)) for at, name in enumerate(names)], True


async def _vectors(brain: Thinker, thing: Thing, sentence: str) -> np.ndarray:
    lines = [offer.option.line for offer in offers_of(thing.affordances)]
    return await brain.embed([Prompt("", thing.title, (), sentence).suffix, *lines])


async def measure(
    brain: Thinker | None, limit: int | None
) -> tuple[dict[str, dict[str, Tally]], dict[str, float], dict[str, Any]]:
    """({top1, …: {variant: Tally}}, {`abstain_f1` of each variant}, details by part and language). Without a brain only
    the words rank."""
    ranks: dict[str, Callable[[Thing, str], Any]] = {WHOLE: partial(ranked, brain)}
    if brain is not None:
        ranks |= {"rules_only": partial(ranked, None), "model_only": partial(by_embeddings, brain),
                  "no_retrieval": as_described}
    tallies: dict[str, dict[str, Tally]] = {place: {name: Tally() for name in ranks} for place in PLACES}
    abstain: dict[str, float] = {}
    details: dict[str, Any] = {}
    for name, rank in ranks.items():
        outcomes = await retrieval.outcomes(rank, limit)
        for one in outcomes:
            for place, most in zip(PLACES, retrieval.TOP, strict=True):
                if one.query.wanted:
                    why = f"{one.query.part}, {one.query.language} for {one.query.documented}"
                    tallies[place][name].add(one.place is not None and one.place <= most, why)
        told = retrieval.figures(outcomes)
        suffix = f".{name}" if name else ""
        abstain[f"abstain_f1{suffix}"] = told["abstain_f1"]
        details[f"retrieval{suffix}"] = {key: told[key] for key in (
            "abstain_precision", "abstain_recall", "refused", "parts", "languages", "documented")}
    return tallies, abstain, details

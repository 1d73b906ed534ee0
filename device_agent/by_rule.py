"""From a reading that leaves no doubt to calls, and why a sentence that leads nowhere cannot be done.

Rules: clauses that give different arguments to one action are one call; a number that goes nowhere, a required value
that was not said and one out of range refuse the whole sentence, in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from device_agent import resolve, wording
from device_agent.clause import Clause
from device_agent.features import stem
from device_agent.naming import label_stems
from device_agent.options import Offer
from device_agent.reading import LEAST, NONE, Reading
from device_agent.resolve import Refusal, Spoken
from models.language.prompt import Option, Value, name_words
from ontology.description import Thing


def calls_of(
    thing: Thing, offers: Sequence[Offer], reading: Reading, present: Mapping[str, Any]
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...], bool]:
    """(calls, reads, whether a value is a change of the present one) of a reading that leaves no doubt; Refusal if a
    value cannot be had."""
    made: list[tuple[Offer, dict[str, Any]]] = []
    reads: list[str] = []
    relative = False
    for part in reading.parts:
        offer, bound = offers[part.best.option], part.best.bound
        for index in bound.unused:
            raise _astray(thing, part.clause.numbers[index].said)
        if offer.affordance.op == "read":
            reads.append(offer.affordance.name)
            continue
        for place in bound.missing:
            if offer.option.slots[place].type == "choice" and part.says_else and not bound.given:
                resolve.refuse_choice(offer, offer.fields[place])
        spoken = Spoken(part.clause.text, part.clause.numbers, present)
        inputs = resolve.inputs_of(thing, offer, bound.values, spoken, chosen=False)
        if not inputs and (alone := _named_alone(part.clause, offer.option)) is not None:
            raise resolve.unsaid(thing, offer, offer.fields[alone])
        relative = relative or any(value.kind in ("up", "down", "times") for value in bound.values)
        if made and made[-1][0] is offer and inputs and made[-1][1] and made[-1][1].keys().isdisjoint(inputs):
            made[-1][1].update(inputs)
        else:
            made.append((offer, inputs))
    calls = [resolve.call_with(thing, offer, inputs) for offer, inputs in made]
    return tuple(call for at, call in enumerate(calls) if call not in calls[:at]), tuple(dict.fromkeys(reads)), relative


def _named_alone(clause: Clause, option: Option) -> int | None:
    """The number of an action that a clause names and says nothing of: "set the ramp" of one that may take a ramp."""
    label = label_stems(option)
    names = ((place, tuple(map(stem, name_words(slot.name)))) for place, slot in enumerate(option.slots)
             if slot.type == "number")
    return next((place for place, name in names if not set(name) <= set(label) and clause.places(name)), None)


def why_not(
    thing: Thing, offers: Sequence[Offer], reading: Reading, present: Mapping[str, Any]
) -> Refusal | None:
    """Why a sentence cannot be done, where that can be told: an amount or a colour that goes nowhere."""
    for part in reading.parts:
        for index in part.best.bound.unused if part.matches and part.strength == NONE else ():
            spoken = Spoken(part.clause.text, part.clause.numbers, present)
            for match in sorted(part.matches, key=lambda match: -match.explained):
                offer = offers[match.option]
                places = [at for at, slot in enumerate(offer.option.slots) if slot.type == "number"]
                if offer.affordance.op != "read" and places and match.explained >= LEAST:
                    values = [Value("number", index) if at == places[0] else Value("absent")
                              for at in range(len(offer.fields))]
                    try:
                        resolve.inputs_of(thing, offer, values, spoken, chosen=False)
                    except Refusal as refusal:
                        return refusal
            return _astray(thing, spoken.numbers[index].said)
    return _no_colour(thing, reading)


def _astray(thing: Thing, said: str) -> Refusal:
    return Refusal("cannot", f"I do not know what {thing.title} should do with {said}.")


def _no_colour(thing: Thing, reading: Reading) -> Refusal | None:
    for part in reading.parts:
        if wording.colour_said(part.clause.text) and wording.mood(part.clause.text) != wording.ASK:
            return Refusal("cannot", f"{thing.title} has no colour that could be set.")
    return None

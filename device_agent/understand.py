"""One sentence for one Thing -> calls and reads over affordances that it has, or "cannot" with a reason.

    sentence -> options (options.py) -> what the rules read in it (reading.py)
      SURE   the words leave no doubt: the answer is the rules' (by_rule.py)
      NONE   no word leads to anything here: a refusal, and no model is asked
      SOME   several may be meant: the few that could serve (retrieve.py), less what plain words rule out (narrow.py)
             -> the model's choice under the grammar -> values by rule (resolve.py)

The model only chooses options and points at numbers; where it is unsure a larger one may be asked (escalate.py). Then
the rules look once more: an answer that contradicts the plain words of the sentence, leaves out one of its amounts, or
comes without confidence is refused, never guessed."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from device_agent import narrow, resolve, wording
from device_agent.by_rule import calls_of, why_not
from device_agent.doubt import may_be_meant
from device_agent.escalate import Escalation
from device_agent.options import Offer, offers_of
from device_agent.reading import NONE, SURE, Reading, View, prepared, read, view_of
from device_agent.resolve import Refusal, Spoken
from device_agent.retrieve import SHOW_ALL, limited, nearest, ranked
from device_agent.translated import double_of
from models.language.brain import BrainError, Completion
from models.language.prompt import AnswerError, Choice, Option, Prompt, kinds_of, name_words, with_name_taken
from ontology.description import Affordance, Thing

log = logging.getLogger(__name__)

TEXT_MAX = 500
# The least confidence with which an answer is acted on; a question may be answered with less.
CONFIDENCE = 0.4
CONFIDENCE_READ = 0.2
# The same for an act where no rule led anywhere.
CONFIDENCE_ASTRAY = 0.5


class Thinker(Protocol):
    """A language model (`models.language.brain.Brain`)."""

    async def complete(self, prompt: Prompt) -> Completion: ...

    async def embed(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class Parts:
    """What of the path is used: all of it, unless it is measured what a part earns. `rules`: the plain words limit the
    answer beforehand and are asked once more after it; `retrieval`: of many options the nearest are shown, not the
    first."""

    rules: bool = True
    retrieval: bool = True


WHOLE = Parts()


@dataclass(frozen=True)
class Understanding:
    """What a device makes of a sentence. `status`: "ok" or "cannot"; `calls`: {"action", "input"} or {"property",
    "value"}, in the order said; `reads`: names of properties; `reason`: one sentence if it cannot, and `code`: cannot,
    unsure, out_of_range, missing_value, unknown_state or no_model; `ms`: per stage; `confidence`: the model's;
    `decided`: who chose: rules (they left one answer, or none), model or larger;
    `relative`: a value was reckoned from the present one ("brighter"), and holds for this moment only."""

    status: str
    calls: tuple[dict[str, Any], ...] = ()
    reads: tuple[str, ...] = ()
    reason: str = ""
    code: str = ""
    ms: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    relative: bool = False
    decided: str = "rules"


async def understand(
    thing: Thing, text: str, present: Mapping[str, Any], brain: Thinker, larger: Escalation | None = None,
    parts: Parts = WHOLE,
) -> Understanding:
    """`present`: the Thing's properties now, for changes; `larger`: whom to ask where `brain` is unsure. Raises nothing
    that a sentence or a model can cause."""
    double = double_of(thing)
    if double is not None:
        found = await _understood(double.thing, text, double.present(present), brain, larger, parts)
        return replace(found, calls=tuple(map(double.call, found.calls)), reads=tuple(map(double.read, found.reads)))
    return await _understood(thing, text, present, brain, larger, parts)


async def _understood(
    thing: Thing, text: str, present: Mapping[str, Any], brain: Thinker, larger: Escalation | None, parts: Parts,
) -> Understanding:
    """The same for a Thing whose names are English, or are taken for it."""
    clock = _Clock()
    confidence, decided, note, least = 0.0, "rules", "", CONFIDENCE
    try:
        offers = _offers(thing.affordances)
        named = with_name_taken(text, thing.title)
        _worth_asking(thing, offers, named)
        options = [offer.option for offer in offers]
        reading = _read(thing, text) if parts.rules else None
        if reading is not None and reading.strength == NONE:
            if why := why_not(thing, offers, reading, present):
                raise why
            if not may_be_meant(text, named, reading, _view(thing)):
                raise _cannot(thing, named)
            least = CONFIDENCE_ASTRAY
        if reading is not None and reading.strength == SURE:
            calls, reads, relative = calls_of(thing, offers, reading, present)
            return Understanding("ok", calls, reads, "", "", clock.stage("rules"), 1.0, relative)
        may = _left(named, options, reading)
        clock.stage("rules")
        order = await _order(text, thing, offers, brain, clock) if (
            len(offers) > SHOW_ALL and parts.retrieval) else None
        found = nearest(may, order)
        clock.stage("retrieve")
        if not found.allowed:
            raise _cannot(thing, named)
        if parts.rules:
            found = limited(named, options, found)
        shown = [offers[number] for number in found.shown]
        prompt = Prompt(kinds_of(thing.kinds), thing.title, tuple(offer.option for offer in shown), text,
                        found.allowed, found.only, found.sure)
        clock.stage("rules")
        completion = await brain.complete(prompt)
        clock.stage("cache" if completion.recalled else "model")
        clock.part("reading", "model", completion.reading_ms)
        decided = "model" if completion.tokens else "rules"
        if larger is not None and larger.wanted(named, prompt, completion):
            try:
                completion, decided = await larger.larger.complete(prompt), "larger"
                clock.stage("larger")
            except BrainError as error:
                note = f" {error}"
                clock.stage("larger_in_vain")
        confidence = completion.confidence
        choices = prompt.parse(completion.text)
        spoken = Spoken(named, prompt.numbers, present)
        calls, reads = _made(thing, shown, choices, spoken, confidence, parts.rules, least)
        relative = any(resolve.is_change(shown[choice.option], choice.values, spoken) for choice in choices)
        clock.stage("resolve")
    except Refusal as refusal:
        return Understanding("cannot", (), (), f"{refusal}{note}", refusal.code, clock.stage("resolve"), confidence,
                             decided=decided)
    except (BrainError, AnswerError) as error:
        return Understanding("cannot", (), (), str(error), "no_model", clock.stage("model"), confidence,
                             decided=decided)
    return Understanding("ok", calls, reads, "", "", clock.ms, confidence, relative, decided)


class _Clock:
    """Milliseconds per stage; what is left of the time since the last one goes to the next."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def stage(self, name: str) -> dict[str, float]:
        now = time.perf_counter()
        self.ms[name] = self.ms.get(name, 0.0) + (now - self._last) * 1000
        self._last = now
        return self.ms

    def part(self, name: str, of: str, ms: float) -> None:
        """Tell a part of a stage apart."""
        if ms:
            self.ms[name], self.ms[of] = ms, max(0.0, self.ms[of] - ms)


@lru_cache(maxsize=256)
def _offers(affordances: tuple[Affordance, ...]) -> tuple[Offer, ...]:
    return offers_of(affordances)


def _read(thing: Thing, text: str) -> Reading:
    """The sentence as the rules read it; Refusal if it forbids something."""
    view = _view(thing)
    said = prepared(text, thing.title, view)
    if wording.forbids(said):
        raise Refusal("cannot", f"{thing.title} acts when it is told to; it cannot keep a ban.")
    return read(said, view, text)


def _left(named: str, options: Sequence[Option], reading: Reading | None) -> list[bool]:
    """Which options the model may choose from: what the plain words leave and the rules' reading comes near to."""
    if reading is None:
        return [True] * len(options)
    may = narrow.options_left(named, options)
    near = [one and number in reading.near for number, one in enumerate(may)]
    return near if any(near) else may


def _view(thing: Thing) -> View:
    """The Thing as the rules read sentences for it."""
    return _views(thing.affordances, thing.title, thing.kinds, thing.room or "", thing.floor or "")


@lru_cache(maxsize=256)
def _views(affordances: tuple[Affordance, ...], title: str, kinds: tuple[str, ...], room: str, floor: str) -> View:
    return view_of(tuple(offer.option for offer in _offers(affordances)), title, *kinds, room, floor)


def _cannot(thing: Thing, sentence: str) -> Refusal:
    asks = wording.mood(sentence) == wording.ASK
    return Refusal("cannot", f"{thing.title} cannot {'tell' if asks else 'do'} that.")


def _worth_asking(thing: Thing, offers: Sequence[Offer], sentence: str) -> None:
    """Refusal for what no model needs to see."""
    if not any(word[0].isalnum() for word in wording.words_of(sentence)):
        raise Refusal("cannot", "That is no sentence.")
    if len(sentence) > TEXT_MAX:
        raise Refusal("cannot", f"That is too long for one device; say it in at most {TEXT_MAX} characters.")
    if not offers:
        raise Refusal("cannot", f"{thing.title} offers nothing that could be asked of it.")


async def _order(text: str, thing: Thing, offers: Sequence[Offer], brain: Thinker, clock: _Clock) -> list[int]:
    """The options, nearest first; with embeddings where the model has them."""
    clock.stage("retrieve")
    try:
        suffix = Prompt("", thing.title, (), text).suffix
        vectors = await brain.embed([suffix, *(offer.option.line for offer in offers)])
    except BrainError:
        vectors = None
    clock.stage("embed")
    return [number for number, _ in ranked(text, _view(thing), vectors, thing.title)[0]]


def _made(
    thing: Thing, shown: Sequence[Offer], choices: Sequence[Choice], spoken: Spoken, confidence: float, rules: bool,
    least: float,
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """(calls, reads) of the model's choices; Refusal if the rules, where they are asked, do not agree with them."""
    if rules:
        _nothing_left_unsaid(thing, shown, choices, spoken)
    if not choices:
        raise _cannot(thing, spoken.text)
    acts = [choice for choice in choices if shown[choice.option].affordance.op != "read"]
    if confidence < (least if acts else CONFIDENCE_READ):
        raise Refusal("unsure", f"I am not sure what {thing.title} should do; please say it in other words.")
    if rules:
        _agree(thing, shown, acts, spoken)
    calls: list[dict[str, Any]] = []
    reads: list[str] = []
    for choice in choices:
        offer = shown[choice.option]
        if offer.affordance.op == "read":
            reads.append(offer.affordance.name)
            continue
        call = resolve.call_of(thing, offer, choice.values, spoken)
        if call not in calls:
            calls.append(call)
    return tuple(calls), tuple(dict.fromkeys(reads))


def _nothing_left_unsaid(thing: Thing, shown: Sequence[Offer], choices: Sequence[Choice], spoken: Spoken) -> None:
    """Refusal for "set the brightness", where the model must invent the value or give up."""
    if spoken.numbers or wording.mood(spoken.text) == wording.ASK or wording.direction(spoken.text):
        return
    for offer in [shown[choice.option] for choice in choices] or shown:
        wanted = [slot for slot in offer.option.slots if slot.required and slot.type != "boolean"]
        if not wanted:
            if choices:
                return
            continue
        label = set(name_words(offer.option.label))
        if wording.gives_nothing(spoken.text, label - set(wording.table()["bare"]["words"])):
            called = wanted[0].name or " ".join(resolve.bare_words(name_words(offer.option.label)))
            raise Refusal("missing_value", f"{thing.title} needs a value for the {called}; say which.")


def _agree(thing: Thing, shown: Sequence[Offer], acts: Sequence[Choice], spoken: Spoken) -> None:
    """Refusal if what the model chose is not what the plain words say."""
    for choice in acts:
        offer = shown[choice.option]
        for slot, value in zip(offer.option.slots, choice.values, strict=True):
            if value.kind in ("yes", "no") and wording.contradicts(
                    spoken.text, slot.name or offer.affordance.name, value.kind == "yes"):
                raise Refusal("unsure", f"I am not sure whether {thing.title} should do that or the opposite.")
    names = [name_words(shown[choice.option].affordance.name) for choice in acts]
    said = {number for number, _ in wording.said_poles(spoken.text)}
    for at, some in enumerate(names):
        for other in names[at + 1:]:
            if wording.opposite(some, other) and said & wording.pairs(some):
                raise Refusal("unsure", f"I am not sure whether {thing.title} should do that or the opposite.")
    if acts:
        _every_amount_used(thing, shown, acts, spoken)
        _colour_used(thing, shown, acts, spoken)


def _colour_used(thing: Thing, shown: Sequence[Offer], acts: Sequence[Choice], spoken: Spoken) -> None:
    """Refusal if all that was said is a colour, and it goes nowhere: "make it blue" must not switch a plain lamp."""
    colour, values = wording.colour_said(spoken.text), [value for choice in acts for value in choice.values]
    if not colour or wording.said_poles(spoken.text) or any(value.kind == "text" for value in values):
        return
    used = [shown[choice.option] for choice in acts]
    names = set(name_words(" ".join([offer.option.label for offer in used] + [offer.affordance.name for offer in used]
                                    + [value.text for value in values])))
    if names.isdisjoint(("colour", "color", *name_words(colour))):
        raise Refusal("cannot", f"{thing.title} has no colour that could be set.")


def _every_amount_used(thing: Thing, shown: Sequence[Offer], acts: Sequence[Choice], spoken: Spoken) -> None:
    """Refusal if an amount that was said goes nowhere: "turn it on at 40 percent" must not only turn it on."""
    values = [value for choice in acts for value in choice.values]
    if any(value.kind == "text" for value in values):
        return
    names = " ".join(f"{value.text} {shown[choice.option].option.label}" for choice in acts for value in choice.values)
    used = {value.index for value in values}
    for index, number in enumerate(spoken.numbers):
        if wording.counts(spoken.text, number) and index not in used and f"{number.value:g}" not in name_words(names):
            raise Refusal("cannot", f"I do not know what {thing.title} should do with {number.said}.")

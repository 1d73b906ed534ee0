"""What a Thing offers, as the language model sees it: one option for each affordance worth choosing.

Rules: an action is preferred to writing a property that does the same, so such writes are left out; what no sentence
can fill (a required list or object) is left out; everything keeps the order of the Thing Description. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from device_agent.translated import in_english
from device_agent.wording import opposite, pairs
from models.language.prompt import SETTING, Option, about, clean, name_words, slot_of
from ontology.description import Affordance, Field

_UNSAYABLE = ("array", "object", "null")


@dataclass(frozen=True)
class Offer:
    """An option and the affordance behind it; `fields`: of the option's slots, in their order."""

    affordance: Affordance
    option: Option
    fields: tuple[Field, ...] = ()


def offers_of(affordances: Iterable[Affordance]) -> tuple[Offer, ...]:
    """The offers of a Thing, in the order of its description."""
    own = tuple(affordances)
    every = in_english(own)
    actions = [affordance for affordance in every if affordance.op == "action"]
    writes = [affordance for affordance in every if affordance.op == "write"]
    made = ((one, _offer(affordance)) for one, affordance in zip(own, every, strict=True)
            if affordance.op != "write" or not _done_by(actions, affordance, writes))
    return tuple(offer if offer.affordance is one else replace(offer, affordance=one)
                 for one, offer in made if offer is not None)


def options_of(affordances: Iterable[Affordance]) -> tuple[Option, ...]:
    """The options alone."""
    return tuple(offer.option for offer in offers_of(affordances))


def _offer(affordance: Affordance) -> Offer | None:
    words = name_words(affordance.name)
    fields = affordance.fields if affordance.op != "read" else ()
    if any(field.required and field.schema.get("type") in _UNSAYABLE for field in fields):
        return None
    fields = tuple(field for field in fields if field.schema.get("type") not in _UNSAYABLE)
    verb = {"action": "do", "write": "set", "read": "get"}[affordance.op]
    label = " ".join(words)
    slots = tuple(slot_of(field.name, field.schema, field.required) for field in fields)
    described = [affordance.description, *(str(field.schema.get(key, "")) for field in fields
                                           for key in ("title", "description"))]
    more = " ".join(clean(text) for text in described if text)
    return Offer(affordance, Option(verb, affordance.name, label,
                                    about(label, affordance.title, affordance.description), slots,
                                    clean(affordance.title), more), fields)


def bare_words(words: Sequence[str]) -> list[str]:
    """The words of a name without those that only say "set"; all of them if nothing else is left."""
    return [word for word in words if word not in SETTING] or list(words)


def _done_by(actions: Iterable[Affordance], write: Affordance, writes: Sequence[Affordance]) -> bool:
    """Whether the actions do what writing this property would: set_brightness for brightness, and set_target for
    target_temperature where no other property is about a target."""
    words = bare_words(name_words(write.name))
    others = [set(name_words(other.name)) for other in writes if other is not write]
    steps = []
    for action in actions:
        verbs = name_words(action.name)
        kinds = [field.schema.get("type") for field in action.fields if field.required]
        if len(kinds) == 1 and _alike(kinds[0], write.schema.get("type")):
            bare = set(bare_words(verbs))
            named = (list(bare_words(verbs)) == words or name_words(action.fields[0].name) == words
                     or (bare < set(words) and not any(bare <= other for other in others)))
            if action.affects == write.name or (named and verbs[0] in SETTING):
                return True
        elif not kinds and (action.affects == write.name or set(verbs) & set(words) or pairs(verbs) & pairs(words)):
            steps.append(verbs)
    # Actions without arguments do the same only if they lead both ways: turn_on with turn_off, lock with unlock.
    return write.schema.get("type") == "boolean" and any(
        opposite(some, other) for at, some in enumerate(steps) for other in steps[at + 1:])


def _alike(some: str | None, other: str | None) -> bool:
    numbers = ("number", "integer")
    return some == other or (some in numbers and other in numbers)

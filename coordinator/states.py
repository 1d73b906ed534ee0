"""Conditions that are so or not: open, locked, somebody there, wet, playing, docked.

A word of the condition says which side of a yes/no property is meant (conditions.yes, conditions.no), or it is a
choice of an enumerated property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from coordinator import happenings, phrases
from coordinator.ground import Context
from coordinator.house import Facts, House
from coordinator.measures import NUMERIC
from coordinator.phrases import Token, contains, stem, words
from coordinator.reading import Phrase, Reading
from coordinator.sources import Guarded, leaf, sources_of, titles
from ontology.description import Affordance, words_of

_INVERSE_NAMES = {
    "position": {"closed", "shut", "contact"},
    "lock": {"locked", "lock"},
    "motion": {"empty", "vacant", "absence"},
    "power": {"off"},
    "media": {"paused"},
}
_BOOLEAN_WORDS = {
    "true": {
        "open",
        "opened",
        "unlocked",
        "on",
        "detected",
        "occupied",
        "present",
        "playing",
        "active",
        "running",
        "wet",
        "motion",
    },
    "false": {
        "closed",
        "shut",
        "locked",
        "off",
        "clear",
        "vacant",
        "empty",
        "absent",
        "paused",
        "stopped",
        "idle",
        "none",
        "dry",
    },
}


def stated(
    tokens: tuple[Token, ...],
    reading: Reading,
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
) -> Guarded:
    """What is so or not, as a guard; what has words of its own (happenings.py) comes first."""
    told = happenings.people(tokens, names, house) or happenings.weather(tokens, house)
    things = happenings.named(names, house, context, told=any(token.word in ("it", "they") for token in tokens))
    told = told or happenings.alarm(tokens, things) or happenings.done(tokens, things)
    if told is not None:
        return told
    table = phrases.table()["conditions"]
    absent = contains(tokens, words("conditions.nobody"))
    present = contains(tokens, table["yes"]["motion"])
    choices: list[tuple[str, bool]] = []
    if any(token.word in ("nobody", "empty", "vacant", "unoccupied") for token in tokens) or (
        absent
        and (
            present or any(token.word in ("motion", "movement", "everyone", "everybody", "i", "we") for token in tokens)
        )
    ):
        choices.append(("motion", False))
    for positive, side in ((True, "yes"), (False, "no")):
        for sense, row in table[side].items():
            said = [word for word in row if contains(tokens, [word])]
            if said and not (sense == "motion" and (absent or choices)) and not _is_name(tokens, said, names, sense):
                choices.append((sense, positive != _denied(tokens)))
    order = ["motion", "lock", "position", "smoke", "leak", "media", "power"]
    choices.sort(key=lambda choice: order.index(choice[0]))
    problem = None
    spoken = context.targets if not names and any(token.word in ("it", "they") for token in tokens) else ()
    if any(token.word in ("everyone", "everybody", *words("words.whole_home")) for token in tokens):
        context = Context()
    for sense, value in choices:
        chosen = sources_of([sense], names, house, context, numeric=False, told=spoken)
        if isinstance(chosen, Guarded):
            problem = problem or chosen
            continue
        sources = tuple(fact for fact, _ in chosen)
        guards = [guard for fact, affordance in chosen if (guard := is_so(fact, affordance, sense, value)) is not None]
        if not guards:
            continue
        if len(guards) == 1:
            return Guarded(guards[0], sources[:1])
        if sense == "motion" or any(phrase.every or phrase.plural for phrase in names) or _any(tokens):
            each = (sense == "motion" and not value) or (sense != "motion" and not _any(tokens))
            return Guarded({"all" if each else "any": guards}, sources)
        return Guarded(
            several=sources,
            phrase=names[0] if names else None,
            problem="" if names else f"Several Things could be meant: {titles(sources)}.",
        )
    if problem is not None:
        return problem
    named = _named_state(tokens, names, things)
    if named is not None:
        return named
    measured = [sense for sense in NUMERIC if sense in reading.senses]
    if measured:
        chosen = sources_of(measured, names, house, context, numeric=True)
        return chosen if isinstance(chosen, Guarded) else Guarded(problem='Say at which value, like "below 18".')
    return Guarded(problem="There is no sensor here that tells that.")


def _any(tokens: tuple[Token, ...]) -> bool:
    return any(token.word in ("any", "a", "an", "one", "either") for token in tokens)


def _denied(tokens: tuple[Token, ...]) -> bool:
    return any(token.word == "not" for token in tokens)


def _is_name(tokens: tuple[Token, ...], said: Iterable[str], names: tuple[Phrase, ...], sense: str) -> bool:
    """Whether the words only stand as part of a noun phrase ("the lock", "on the desk")."""
    last = {token.word for token in tokens[-1:]}
    verbs = {
        tokens[at + 1].word
        for at in range(len(tokens) - 1)
        if tokens[at].word
        in (
            "is",
            "are",
            "goes",
            "gets",
            "turns",
            "comes",
            "switches",
            "turned",
            "switched",
            "left",
            "been",
            "not",
            "still",
        )
    }
    nouns = {
        stem(part.token.word) for phrase in names for part in phrase.parts if part.role in ("kind", "word", "title")
    }
    for word in said:
        parts = word.split()
        if sense == "power" and word in ("on", "off") and word not in last | verbs:
            continue
        if len(parts) == 1 and stem(word) in nouns and word not in last | verbs and not _tells(tokens, word, sense):
            continue
        return False
    return True


def _tells(tokens: tuple[Token, ...], word: str, sense: str) -> bool:
    """Whether "smoke" or "leak" is what happens, not the name of what watches for it."""
    following = {tokens[at + 1].stem for at in range(len(tokens) - 1) if tokens[at].word == word}
    return sense in ("smoke", "leak") and not following & {"sensor", "detector", "alarm", "valve"}


def is_so(fact: Facts, affordance: Affordance, sense: str, value: bool) -> dict[str, Any] | None:
    """The guard that this yes/no (or enumerated, or numbered) property says `value` in this sense."""
    schema, name = affordance.schema, affordance.name
    inverse = set(words_of(name)) & _INVERSE_NAMES.get(sense, set())
    if schema.get("enum"):
        wanted = _BOOLEAN_WORDS["true" if value else "false"]
        for choice in schema["enum"]:
            if set(words_of(str(choice))) & wanted and not isinstance(choice, bool):
                if sense == "motion" and choice in ("off", "on"):
                    continue
                return leaf(fact, name, "eq", choice)
        return None
    kind = schema.get("type")
    if kind == "boolean" or (kind is None and not schema):
        return leaf(fact, name, "eq", value != bool(inverse))
    if kind in ("integer", "number") and sense in ("position", "power"):
        low = schema.get("minimum", 0)
        return leaf(fact, name, "gt", low) if value else leaf(fact, name, "eq", low)
    return None


def _named_state(tokens: tuple[Token, ...], names: tuple[Phrase, ...], things: tuple[Facts, ...]) -> Guarded | None:
    """ "when the vacuum is docked", "when the wash is finished": a choice of an enumerated property that is said."""
    said = {token.stem for token in tokens} | {token.word for token in tokens}
    phrase_words = {part.token.stem for phrase in names for part in phrase.parts}
    for fact in things:
        for affordance in fact.thing.affordances:
            if affordance.op != "read":
                continue
            free = affordance.name in ("state", "status") and affordance.schema.get("type") == "string"
            for choice in affordance.schema.get("enum", sorted(words("conditions.states")) if free else ()):
                if isinstance(choice, str) and {stem(word) for word in words_of(choice)} <= said - phrase_words:
                    return Guarded(leaf(fact, affordance.name, "ne" if _denied(tokens) else "eq", choice), (fact,))
            if (
                affordance.schema.get("type") == "boolean"
                and {stem(w) for w in words_of(affordance.name)} & said - phrase_words
            ):
                return Guarded(leaf(fact, affordance.name, "eq", not _denied(tokens)), (fact,))
    return None

"""The answer to a command: one status, and words that a person would use.

Rules: the words say what the devices reported, never what was hoped; Things that did the same share a sentence; what
was refused is said with its reason, once. Phrases are data (answer.toml). It decides nothing and sends nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from coordinator import phrases
from coordinator.journal import Command, Step
from ontology.description import Thing, words_of

# When nothing came off: which state the whole command has, the gravest first.
_GRAVEST = ("unknown", "failed", "expired", "cancelled", "rejected")
_WORDS = {"unknown": "what became of it is not known", "failed": "that failed", "expired": "it was too late",
          "rejected": "that is not possible", "cancelled": "that was cancelled"}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Any]:
    return tomllib.loads(resources.files("coordinator").joinpath("answer.toml").read_text("utf-8"))


def status(steps: Sequence[Step], rejected: Sequence[Mapping[str, str]]) -> str:
    """ok, partial, or the gravest of unknown, failed, expired, cancelled, rejected."""
    good = [step for step in steps if step.state == "done" or (step.settled and not step.ended)]
    bad = [step.state for step in steps if step not in good]
    if good:
        return "partial" if bad or rejected else "ok"
    return next((state for state in _GRAVEST if state in bad), "rejected")


def words(command: Command, steps: Sequence[Step], things: Mapping[str, Thing]) -> str:
    """The answer as one short text."""
    return " ".join(_sentences(command, steps, things)) or "There was nothing to do."


def corrected(
    command: Command, steps: Sequence[Step], things: Mapping[str, Thing], learned: Sequence[str]
) -> str:
    """The answer to a correction, in one sentence; `learned`: what will be known from now on."""
    parts = [sentence.rstrip(".") for sentence in _sentences(command, steps, things)] or ["There was nothing to do"]
    parts = [parts[0], *(part[0].lower() + part[1:] if part.startswith(("The ", "Armed ")) else part
                         for part in parts[1:])]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return text + (f"; I will remember that {' and '.join(learned)}." if learned else ".")


def _sentences(command: Command, steps: Sequence[Step], things: Mapping[str, Thing]) -> list[str]:
    said: dict[str, list[str]] = {}  # predicate -> titles, in the order spoken
    sentences: list[str] = []
    for step in steps:
        if step.state == "done" or (step.settled and not step.ended):
            for predicate in _back(step, things.get(step.thing)) if step.undo else _predicates(
                    step, things.get(step.thing)):
                if predicate.startswith("="):
                    sentences.append(predicate[1:])
                else:
                    said.setdefault(predicate, []).append(step.title)
    good = [_sentence(titles, predicate) for predicate, titles in said.items()] + sentences
    bad: dict[str, None] = {}
    for step in steps:
        if step.ended and step.state != "done":
            bad[trouble(step)] = None
    for refusal in command.rejected:
        bad[_ended(refusal["reason"])] = None
    return list(dict.fromkeys([*good, *bad]))


def _back(step: Step, thing: Thing | None) -> list[str]:
    """What a step says that took back an earlier one."""
    found = _predicates(step, thing)
    return [f"{found[0]} again"] if len(found) == 1 and not found[0].startswith("=") else ["is as it was before"]


def progress(step: Step, thing: Thing | None) -> str:
    """What one step has come to, for the owner of a rule."""
    report = step.report or {}
    did_nothing = report.get("reason") and not report.get("calls") and not report.get("reads")
    if (step.ended and step.state != "done") or (not step.ended and did_nothing):
        return trouble(step)
    return " ".join(predicate[1:] if predicate.startswith("=") else _sentence([step.title], predicate)
                    for predicate in _predicates(step, thing, fired=True))


def trouble(step: Step) -> str:
    """Why a step did not come off."""
    reason = (step.report or {}).get("reason") or ""
    if not reason:
        return f"{_the(step.title)}: {_WORDS.get(step.state, step.state)}."
    return _ended(reason) if step.title.lower() in reason.lower() else f"{_the(step.title)}: {_ended(reason)}"


def value_in_words(value: Any, unit: str | None) -> str:
    """`21.5`, "celsius" -> `21.5 °C`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value != round(value, 3):
        value = round(value, 3)
    if isinstance(value, dict):
        text = ", ".join(f"{name} {inner}" for name, inner in value.items())
    elif isinstance(value, list):
        text = ", ".join(map(str, value))
    else:
        text = str(value)
    return text + (_phrases()["units"].get(unit, f" {unit}") if unit else "")


def guard_in_words(guard: Mapping[str, Any], things: Mapping[str, Thing]) -> str:
    """`{"thing": …, "property": "occupied", "op": "eq", "value": false, "for_s": 300}` ->
    `the Hall motion sensor notices nobody for 5 minutes`."""
    if "all" in guard or "any" in guard:
        joint = " and " if "all" in guard else " or "
        return joint.join(guard_in_words(inner, things) for inner in guard.get("all") or guard.get("any") or ())
    if "every_s" in guard:
        return f"every {_duration(guard['every_s'])}"
    if "at" in guard:
        days = guard.get("days")
        return f"at {guard['at']}" + (f" on {', '.join(days)}" if days else " every day")
    if "at_ms" in guard:
        return "once, at its time"
    thing = things.get(guard.get("thing", ""))
    title = f"the {thing.title}" if thing else str(guard.get("thing", "?")).rpartition(":")[2]
    name, value, op = str(guard.get("property", "")), guard.get("value"), guard.get("op", "eq")
    if isinstance(value, bool) and op in ("eq", "ne"):
        text = f"{title} {_state(name, value == (op == 'eq'))}"
    else:
        relation = {"eq": "is", "ne": "is not", "lt": "is below", "le": "is at most", "gt": "is above",
                    "ge": "is at least"}.get(str(op), str(op))
        schema = _schema(thing, name)
        text = f"{' '.join(words_of(name))} of {title} {relation} {value_in_words(value, schema.get('unit'))}"
    return text + (f" for {_duration(guard['for_s'])}" if guard.get("for_s") else "")


def _duration(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"


def _predicates(step: Step, thing: Thing | None, fired: bool = False) -> list[str]:
    """What the step says of its Thing; a predicate that opens with '=' is a whole sentence."""
    report = step.report or {}
    if step.state != "done" and not fired:
        conflicts = (step.rule or {}).get("conflicts") or ()
        against = f" It contradicts another rule: {', '.join(map(str, conflicts))}." if conflicts else ""
        if step.guard is None:
            return ["is waiting"]
        when = guard_in_words(step.guard, {thing.id: thing} if thing else {})
        return [f"=Armed for the {step.title}: {_unended(step.text)}, {_when(step.guard)}{when}.{against}"]
    found = [_reading(read, step, thing) for read in report.get("reads") or ()]
    found += [_call(call, thing) for call in report.get("calls") or ()]
    return [predicate for predicate in found if predicate] or [f"={_the(step.title)}: {_unended(step.text)}, done."]


def _when(guard: Mapping[str, Any]) -> str:
    timed = any(name in guard for name in ("every_s", "at", "at_ms"))
    return "" if timed else "when "


def _call(call: Mapping[str, Any], thing: Thing | None) -> str:
    if "property" in call:
        name, value = str(call["property"]), call.get("value")
        if isinstance(value, bool):
            return _state(name, value)
        return f"is set to {' '.join(words_of(name))} {value_in_words(value, _schema(thing, name).get('unit'))}"
    if "action" not in call:
        return ""
    name, given = str(call["action"]), call.get("input")
    spoken = words_of(name)
    table = _phrases()["actions"]
    if given in (None, {}, []):
        phrase = table.get(" ".join(spoken)) or (table.get(spoken[0]) if spoken else None)
        return str(phrase) if phrase else f"did “{' '.join(spoken)}”"
    affordance = thing.affordance("action", name) if thing else None
    units = {field.name: field.schema.get("unit") for field in affordance.fields} if affordance else {}
    values = given.items() if isinstance(given, dict) else (("", given),)
    amount = ", ".join(value_in_words(value, units.get(field)) for field, value in values)
    about = " ".join(word for word in spoken if word not in ("set", "to"))
    return f"is set to {about} {amount}".replace("  ", " ")


def _reading(read: Mapping[str, Any], step: Step, thing: Thing | None) -> str:
    name, value = str(read.get("property", "")), read.get("value")
    if value is None:
        return f"={_the(step.title)} does not know its {' '.join(words_of(name))} yet."
    if isinstance(value, bool):
        return _state(name, value)
    if (said := _told(name, value)) is not None:
        return said.format(step.title) if said.startswith("=") else said
    unit = read.get("unit") or _schema(thing, name).get("unit")
    amount = value_in_words(value, unit)
    about = " ".join(words_of(name))
    if thing is not None and thing.room and set(words_of(name)) & {"temperature", "humidity"} and not any(
            affordance.op != "read" for affordance in thing.affordances):
        return f"=The {about} in the {thing.room} is {amount}."
    if set(words_of(name)) <= set(words_of(step.title)):
        return f"={_the(step.title)} is {amount}."
    the = _the(step.title)
    return f"=The {about} of {the[0].lower() if the.startswith('The ') else the[0]}{the[1:]} is {amount}."


def _told(name: str, value: Any) -> str | None:
    """What a property that is no measure tells, in a few words: a place, a state, how far something is open."""
    row = _phrases()["told"].get(name.lower())
    if row is None:
        return None
    known = row.get(str(value).lower())
    number = isinstance(value, int | float)
    phrase = known or (row.get("number") if number else row.get("text"))
    return str(phrase).replace("VALUE", f"{value:g}" if number else " ".join(words_of(str(value)))) if phrase else None


def _the(title: str) -> str:
    """ "The Hall lamp", but "Dusty": a name of one word that is no noun has no article."""
    words_ = title.split()
    named = len(words_) == 1 and phrases.stem(words_[0]) not in phrases.vocabulary()
    return title if named or title.lower().startswith("the ") else f"The {title}"


def _state(name: str, value: bool) -> str:
    pair = _phrases()["states"].get(name.lower())
    if pair:
        return str(pair[0] if value else pair[1])
    about = " ".join(words_of(name))
    return f"is {about}" if value else f"is not {about}"


def _schema(thing: Thing | None, name: str) -> Mapping[str, Any]:
    affordance = thing and (thing.affordance("read", name) or thing.affordance("write", name))
    return affordance.schema if affordance else {}


def _sentence(titles: Sequence[str], predicate: str) -> str:
    verb, _, rest = predicate.partition(" ")
    plural = _phrases()["plural"].get(verb, verb)
    if len(titles) == 1:
        many = phrases.is_plural(titles[0].split()[-1].lower())
        return f"{_the(titles[0])} {f'{plural} {rest}'.rstrip() if many else predicate}."
    named = [the if (the := _the(title)) == title else f"the {title}" for title in titles]
    subject = f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{subject[0].upper()}{subject[1:]} {plural} {rest}.".replace(" .", ".")


def _ended(sentence: str) -> str:
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", "…")) else sentence + "."


def _unended(sentence: str) -> str:
    return sentence.strip().rstrip(".!?")

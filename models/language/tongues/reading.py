"""A command in German, French or Spanish read as the plain English that the rules understand.

Rules: English is never touched, not by a letter; names of the house, quotations, and what is to be played or said are
copied as they stand; the same sentence always reads the same. Does not: know what any device can do. Never raises.
`Reading.language` is None where the text was English, or nothing that these lexicons explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.language.tongues import moments
from models.language.tongues.asking import condition, question
from models.language.tongues.clauses import Part, split, verb_of
from models.language.tongues.detect import language_of
from models.language.tongues.fold import Word, clean, fold, words
from models.language.tongues.house_names import Names
from models.language.tongues.order import order
from models.language.tongues.units import Unit, units

TEXT_MAX = 2000
_NOBODY = Names()


@dataclass(frozen=True)
class Reading:
    """`text`: the command in English; `language`: that it was said in (de, fr, es), or None for English."""

    text: str
    language: str | None = None


def read(text: str, names: Names = _NOBODY) -> Reading:
    """Read one command."""
    said = clean(text)
    if not said or len(said) > TEXT_MAX:
        return Reading(text)
    heard = words(said)
    language = language_of(heard, names)
    if language is None:
        return Reading(text)
    english = _english(said, heard, language, names)
    return Reading(english or "thanks", language)


def _english(said: str, heard: Sequence[Word], language: str, names: Names) -> str:
    found = _named_again(units(said, heard, language, names), language)
    parts = _whole(split(moments.merge(found, language), language))
    pieces: list[str] = []
    verb, before = "", None
    for part in parts:
        kind, text, verb = _clause(part, language, verb if part.joined in ("and", "then", "") else "", said)
        if not text:
            continue
        if before is not None and before.kind == "remark" and " is " in pieces[-1] and (
                pronoun := next((word for word in (" it", " them") if f"{text} ".find(f"{word} ") > 0), "")):
            noun = pieces.pop().partition(" is ")[0]
            text = text.replace(pronoun, f" {noun}", 1)
            before = None
        told = bool(pieces) and pieces[-1] in ("tell me", "warn me")
        pieces.append(" " if told else _glue(part, before) if before is not None else "")
        pieces.append(text)
        part.kind, before = kind, part
    asked = before is not None and before.kind == "question"
    return " ".join("".join(pieces).split()) + ("?" if asked else "")


def _named_again(found: list[Unit], language: str) -> list[Unit]:
    """The units with the noun that "celle du salon", "la del salón", "die im Flur" leave out."""
    done: list[Unit] = []
    noun: Unit | None = None
    for at, unit in enumerate(found):
        done.append(unit)
        entry = unit.get("noun")
        if entry and entry.use == "devices" and unit.kind == "noun":
            noun = unit
        elif unit.kind == "name" and unit.entries[0].use == "title":
            noun = _sort_of(unit, language) or noun
        following = found[at + 1].get("preposition") if at + 1 < len(found) else None
        before = found[at - 1].get("join") if at else None
        bare = bool(unit.get("determiner")) and (before is not None if language == "de" else language == "es")
        left = bare or fold(unit.text) in ("celle", "celui", "celles", "ceux")
        left = left or (unit.kind == "join" and at > 0 and found[at - 1].kind == "name" and following is not None
                        and following.english == "of")
        if left and noun is not None and following and following.english in ("of", "in", "on") and unit is not noun:
            done.append(replace(noun, start=unit.end, end=unit.end))
    return done


def _sort_of(name: Unit, language: str) -> Unit | None:
    """The noun that a Thing's title opens with, as a unit: "Lumière de la chambre" is a light."""
    first = next(iter(units(name.text, words(name.text)[:1], language, _NOBODY)), None)
    entry = first.get("noun") if first is not None else None
    return replace(first, kind="noun", english=entry.english, entries=(entry,)) if first and entry else None


def _whole(parts: list[Part]) -> list[Part]:
    """The clauses, a name that only leads to its order put into it: "luz del comedor, apaga"."""
    done: list[Part] = []
    for part in parts:
        before = done[-1] if done else None
        if before is not None and before.kind == part.kind == "order" and _lacks(part) and _only_names(before):
            before.units = [*before.units, *part.units]
            continue
        done.append(part)
    return done


def _lacks(part: Part) -> bool:
    """Whether an order has its verb and nobody to act."""
    said = [unit for unit in part.units if unit.kind not in ("polite", "person", "stop")]
    return bool(said) and verb_of(said, 0) is not None and all(
        unit.get("pronoun", "state", "particle", "value", "number", "unit", "towards") or unit.kind == "when"
        for unit in said[1:])


def _only_names(part: Part) -> bool:
    return not any(verb_of(part.units, at) or unit.get("tell", "whole", "state", "number") or unit.kind == "particle"
                   for at, unit in enumerate(part.units) if unit.kind not in ("name", "noun"))


def _clause(part: Part, language: str, inherited: str, said: str) -> tuple[str, str, str]:
    """(kind, English, the verb that the next clause may share) of a clause."""
    if part.kind == "condition":
        return "condition", condition(part, language), inherited
    asked = question(part, language)
    if asked:
        return "question", asked, ""
    told, verb = order(part, language, inherited, said)
    return part.kind, told, verb


def _glue(part: Part, before: Part) -> str:
    """What stands between two clauses."""
    if part.kind == "condition":
        return " " if part.joined in ("", "and") and before.kind != "condition" else " and "
    if before.kind == "condition" and part.joined in ("", "and"):
        return ", " if part.joined == "" else " and "
    if before.kind == "remark":
        return ". "
    return {"stop": ". ", "then": " and then ", "but": " but ", "and": " and "}.get(part.joined, " ")

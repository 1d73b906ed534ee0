"""Values listed apart from the names they are for, or said once for several names, as one clause for each name.

Rules: as many values as names go to them in their order ("A, B and C to 3, 7 and 12", "3 and 5 for A and B"); one value
goes to all ("both A and B to 5", "A and B 30 each", "raise A and B by 10"); arguments of one action stay one clause.
Names with a value beside them are none of these. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from device_agent import wording
from device_agent.clause import Clause, clause_of
from device_agent.naming import label_stems, more_words, names_of
from device_agent.weighing import View

_GLUE = frozenset((",", "and", "the", "both", "its", "as", "well", "plus", "&", "also", "then",
    "all", "of", "a", "an", "each", "every", "one", "along", "with"))
_BETWEEN = frozenset((",", "and", "or", "&"))
# What may stand between names and their values, and between values and their names.
_LEADS = frozenset((
    "to", "at", "of", "=", ":",
    "should", "must", "shall", "be", "are", "is", "both", "all", "each", "by", "set",
    "need", "values", "value", "on", "with", "equal", "equals", "same", "up", "down", "the", "have", "-", "go",
    "now", "get",
    "respectively", "want", "as", "become", "a", "level", "number", "setting", ",", "three", "two", "four", "alike"))
_BACK = frozenset(("for", "to", "on", "as", "the", "in", "into", "both", "all", "each", "of", "respectively", ","))
_BEGINS = frozenset(("set", "make", "put", "change", "use", "apply", "give", "let", "have", "adjust", "configure",
                     "assign", "bring", "take", "switch", "turn", "update", "write", "get", "want", "choose"))
_ENDS = frozenset(("respectively", "each", "in", "that", "this", "order", "please", ".", "!", "both", "all", ",", "now",
                   "apiece", "thanks", "alike", "?", "for", "me", "too"))
_EVEN = frozenset(("with", "values", "value", "to", "the", "of", "both", "all", "please", "can", "could", "you", "i",
                   "would", "like", "its", "need", "these", "settings", "a", ","))


@dataclass(frozen=True)
class _Name:
    start: int
    end: int
    options: frozenset[int]


def listed(sentence: str, view: View) -> tuple[str, list[str], str]:
    """(what stands before, one clause for each name, what comes after), the middle empty if nothing is listed."""
    clause = clause_of(sentence)
    if clause.quotes or not clause.numbers or wording.mood(sentence) == wording.ASK:
        return "", [], ""
    names = _runs_of_names(clause, view)
    values = _runs_of_values(clause, {at for run in names for one in run for at in range(one.start, one.end)})
    for run in names:
        if len(run) < 2:
            continue
        for numbers in values:
            if found := _paired(clause, run, numbers, view):
                return found
    return "", [], ""


def _paired(clause: Clause, run: list[_Name], numbers: list[int], view: View) -> tuple[str, list[str], str] | None:
    words, count = clause.words, len(numbers)
    first, last = _range(clause, numbers[0])[0], _range(clause, numbers[-1])[1]
    begin, end = run[0].start, run[-1].end
    if count not in (1, len(run)):
        return None
    if end <= first:
        between, start, stop = words[end:first], begin, last
        fits = all(word in _LEADS for word in between) and (bool(between) or count > 1)
    else:
        between, start, stop = words[last:begin], first, end
        fits = bool(between) and all(word in _BACK for word in between)
    if not fits:
        return None
    while stop < len(words) and (words[stop] in _ENDS):
        if words[stop] in (",", ".", "?") and stop + 1 < len(words) and words[stop + 1] not in _ENDS:
            break
        stop += 1
    cut = next((at for at in range(start - 1, -1, -1) if words[at] in (",", ";", ".", "and", "then")
                and any(word not in _GLUE for word in words[at + 1:start])), -1)
    leads = [word for word in words[cut + 1:start] if word not in _EVEN and word not in _GLUE]
    before = clause.text[:clause.found[cut][1]].strip() if cut >= 0 else ""
    after = clause.text[clause.found[stop - 1][2]:].strip(" ,.;!") if stop else ""
    if not _new_clause(clause, stop):
        return None
    spoken = [_text(clause, one.start, one.end) for one in run]
    said = [clause.numbers[index].said for index in (numbers if count > 1 else numbers * len(run))]
    one_action = frozenset.intersection(*(one.options for one in run))
    if one_action:
        if count == 1 or end > first or any(view.options[number].verb == "set" for number in one_action):
            return None
        lead = _text(clause, cut + 1, begin)
        given = ", ".join(f"{name} {value}" for name, value in zip(spoken, said, strict=True))
        return before, [f"{lead} {given}"], after
    by = "by" in between or (count == 1 and words[first - 1:first] == ("by",))
    verb = _text(clause, cut + 1, start) if leads else "set"
    if leads and leads[0] in _BEGINS and len(leads) == 1 and not by:
        verb = "set"
    elif leads:
        verb = " ".join(leads)
        if len(leads) > 2:
            return None
    link = "by" if by else "to"
    return before, [f"{verb} {name} {link} {value}" for name, value in zip(spoken, said, strict=True)], after


def _new_clause(clause: Clause, stop: int) -> bool:
    """Whether nothing that belongs to the values follows them."""
    return stop >= len(clause.words) or clause.words[stop] in (
        ",", ";", ".", "and", "then", "!", "?", "before", "while", "plus")


def _text(clause: Clause, start: int, end: int) -> str:
    return clause.text[clause.found[start][1]:clause.found[end - 1][2]] if end > start else ""


def _range(clause: Clause, index: int) -> tuple[int, int]:
    places = [at for at, one in clause.of_number.items() if one == index]
    return min(places), max(places) + 1


def _runs_of_values(clause: Clause, named: set[int]) -> list[list[int]]:
    """Numbers with nothing but commas and "and" between them, together."""
    runs: list[list[int]] = []
    for index in range(len(clause.numbers)):
        start, _ = _range(clause, index)
        if start in named or clause.words[start:start + 2] == ("one", "of"):
            continue
        if runs and all(word in _BETWEEN for word in clause.words[_range(clause, runs[-1][-1])[1]:start]):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _runs_of_names(clause: Clause, view: View) -> list[list[_Name]]:
    """Names of numbers with nothing but glue between them, together; the longest name where several begin."""
    found: dict[tuple[int, int], set[int]] = {}
    for number, option in enumerate(view.options):
        if option.verb == "get":
            continue
        for place, slot in enumerate(option.slots):
            if slot.type == "number":
                for phrase in names_of(option, place):
                    for at in clause.places(phrase):
                        found.setdefault((at, at + len(phrase)), set()).add(number)
    owners: dict[str, set[int]] = {}
    for number, option in enumerate(view.options):
        for word in label_stems(option):
            owners.setdefault(word, set()).update({number} if option.verb != "get" else ())
    for at, word in enumerate(clause.stems):  # a word that only one name has
        if len(owners.get(word, ())) == 1 and clause.words[at] not in _GLUE | _LEADS | _BEGINS \
                and not more_words()[1].get((clause.words[at],)) \
                and clause.words[at] not in wording.table()["mood"]["orders"]:
            number = next(iter(owners[word]))
            if [slot.type for slot in view.options[number].slots] == ["number"]:
                found.setdefault((at, at + 1), set()).add(number)
    spans = [one for one in sorted(found) if not any(
        other != one and other[0] <= one[0] and one[1] <= other[1] for other in found)]
    spans = [(start, end) for start, end in spans if all(
        start <= _range(clause, clause.of_number[at])[0] and _range(clause, clause.of_number[at])[1] <= end
        for at in range(start, end) if at in clause.of_number)]
    runs: list[list[_Name]] = []
    for start, end in spans:
        name = _Name(start, end, frozenset(found[start, end]))
        if runs and start >= runs[-1][-1].end and start > runs[-1][-1].end \
                and all(word in _GLUE for word in clause.words[runs[-1][-1].end:start]):
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs

"""A sentence cut into clauses, wherever it may be cut: not within quotes, numbers and names. Pure.

Rules: a cut is made at commas, "and", "then" and the like; where a second name with its number follows without one;
values listed apart from their names go to them (listed.py); pieces that say nothing go."""

from __future__ import annotations

import re

from device_agent import wording
from device_agent.clause import Clause, clause_of
from device_agent.listed import listed
from device_agent.naming import names_of, says_more
from device_agent.weighing import View, content_of

PARTS_MAX = 8
CUT = re.compile(r"(?i)\s*(?:[;.!?]+\s+|,?\s*\b(?:and then|and also|and after that|after that|as well as|afterwards|"
                 r"followed by|and|then|plus|but also|while|also)\b\s+|,\s+)")


def pieces_of(sentence: str, view: View) -> list[str]:
    """The sentence cut wherever it may be cut: not within quotes, numbers and names."""
    before, each, after = listed(sentence, view)
    if each:
        first, last = (pieces_of(text, view) if text else [] for text in (before, _begun(after)))
        pieces = [*first, *each, *last]
        return pieces if len(pieces) <= PARTS_MAX else [sentence]
    clause = clause_of(sentence)
    whole = [(start, end) for start, end, _ in clause.quotes] + [(one.start, one.end) for one in clause.numbers]
    for option in view.options:
        for place in range(len(option.slots)):
            for phrase in names_of(option, place):
                if "and" in phrase or "," in phrase:
                    whole += [(clause.found[at][1], clause.found[at + len(phrase) - 1][2])
                              for at in clause.places(phrase)]
    cuts = [found.span() for found in CUT.finditer(sentence)
            if not any(start < found.end() and found.start() < end for start, end in whole)]
    begins, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
    pieces = [sentence[begin:end].strip(" ,;") for begin, end in zip(begins, ends, strict=True)]
    pieces = _without_empty([piece for piece in pieces if any(letter.isalnum() for letter in piece)], view)
    pieces = _with_bare_numbers(pieces)
    pieces = [cut for piece in pieces for cut in _between_pairs(piece, view)]
    return pieces if len(pieces) <= PARTS_MAX else [sentence]


def _begun(text: str) -> str:
    """What follows a list, without the word that joins it."""
    return re.sub(r"(?i)^(?:and then|and also|and|then|plus|also)\b\s*", "", text)


def _without_empty(pieces: list[str], view: View) -> list[str]:
    """Pieces that say nothing by themselves ("for this device") go, unless nothing else is left."""
    said = [piece for piece in pieces if not _is_empty(clause_of(piece), view)]
    return said or pieces


def _with_bare_numbers(pieces: list[str]) -> list[str]:
    """ "go to 12, 8" is one piece."""
    joined: list[str] = []
    for piece in pieces:
        clause = clause_of(piece)
        if joined and all(at in clause.of_number for at in range(len(clause.words))):
            joined[-1] = f"{joined[-1]}, {piece}"
        else:
            joined.append(piece)
    return joined


def _is_empty(clause: Clause, view: View) -> bool:
    content = [at for at in content_of(clause, view.index) if clause.stems[at] not in view.context]
    return not (content or clause.numbers or clause.quotes or wording.switched(clause.text) or says_more(clause)
                or wording.extreme(clause.text) or wording.said_poles(clause.text)
                or any(stem_ in view.index.names for stem_ in clause.stems))


def _between_pairs(piece: str, view: View) -> list[str]:
    """ "torque 12 grip 7": cut where a name follows that has a number of its own, and nothing parts them."""
    clause = clause_of(piece)
    if len(clause.numbers) < 2:
        return [piece]
    names: dict[int, tuple[int, set[tuple[int, int]]]] = {}
    for number, option in enumerate(view.options):
        if option.verb == "get":
            continue
        for place in range(len(option.slots)):
            for phrase in names_of(option, place):
                for at in clause.places(phrase):
                    end, owners = names.get(at, (0, set()))
                    if at + len(phrase) > end:
                        end, owners = at + len(phrase), set()
                    if at + len(phrase) == end:
                        owners.add((number, place))
                    names[at] = (end, owners)
    order = sorted(names)
    if len(order) < 2 or len(order) != len(clause.numbers):
        return [piece]
    numbers = [clause.place_at(number.start) for number in clause.numbers]
    one_option = set.intersection(*({number for number, _ in names[at][1]} for at in order))
    if one_option:
        return [piece]
    if all(name < number for name, number in zip(order, numbers, strict=True)) and all(
            number < name for number, name in zip(numbers, order[1:], strict=False)):
        cuts = [clause.found[at][1] for at in order[1:]]
    elif all(number < name for number, name in zip(numbers, order, strict=True)):
        cuts = [clause.found[at][1] for at in numbers[1:]]
    else:
        return [piece]
    return [piece[begin:end].strip() for begin, end in zip([0, *cuts], [*cuts, len(piece)], strict=True)]

"""Whether a sentence that no rule leads anywhere may still mean something, so that the model is asked.

Rules: a word that the tables know, but that leads to nothing of this Thing, says that something else is meant ("the
temperature" to a lamp): no model is asked. A word that nobody knows ("bring it to life") may mean anything. Pure."""

from __future__ import annotations

from device_agent.clause import clause_of
from device_agent.features import senses
from device_agent.reading import NONE, Reading, View
from device_agent.weighing import any_verb

_POINTING = frozenset({"it", "its", "them", "they", "this", "that", "him", "her"})
# What a word must be worth for some option to lead there.
LEADS = 0.2


def may_be_meant(sentence: str, named: str, reading: Reading, view: View) -> bool:
    """Whether a sentence speaks of the Thing (`named`: with its name taken out), and the words of the clauses that lead
    nowhere are strange, rather than known for something else."""
    words = set(clause_of(named).words)
    if (named == sentence and words.isdisjoint(_POINTING)) or not view.strange.isdisjoint(words):
        return False
    lost = [part for part in reading.parts if part.strength == NONE]
    return bool(lost) and all(_is_strange(part.clause.text, view) for part in lost)


def _is_strange(text: str, view: View) -> bool:
    clause, index = clause_of(text), view.index
    unknown = 0
    for at in clause.content:
        stem = clause.stems[at]
        if stem in view.context or clause.words[at] in any_verb():
            continue
        if (stem,) in senses() and not (index.worth((stem,)) > LEADS).any():
            return False
        unknown += (stem,) not in senses() and stem not in index.words
    return unknown > 0

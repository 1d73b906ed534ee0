"""The lexicon of one language, read from its .toml: every form of every entry -> what it is and its English.

Rules: the longest entry wins where several begin at one word; a spelling with the right accents beats one without;
an entry may be several things ("zu": to, closed, too), the reader chooses by place. Pure; read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from models.language.tongues import inflect, numerals
from models.language.tongues.fold import Word, fold, spelled_out, words

LANGUAGES = ("de", "fr", "es")
# Kinds of word that say nothing about what is meant, but tell the language.
# With these a particle of several words begins; "le son" of "couper le son" is no particle where it stands alone.
_PARTICLES = ("en ", "à ", "hors ", "con ", "nach ", "ausser ", "zur ", "zurück ", "zu ", "in die ", "a la ", "a su ",
              "was ", "etwas ", "auf ", "sur ")
_SMALL = frozenset({"determiner", "preposition", "polite", "join", "not", "opener", "copula", "person", "question"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind`: noun, verb, state, …; `english`: singular or bare form; `use`: a verb's form, a noun's class; `plural`;
    `lemma`: a verb's infinitive, by which its particles are found."""

    kind: str
    english: str
    use: str = ""
    plural: bool = False
    lemma: str = ""


@dataclass
class Lexicon:
    """All forms of one language."""

    language: str
    exact: dict[str, list[Entry]] = field(default_factory=dict)
    folded: dict[str, list[Entry]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    frames: dict[str, dict[str, str]] = field(default_factory=dict)
    particles: dict[str, frozenset[str]] = field(default_factory=dict)
    own: dict[str, bool] = field(default_factory=dict)

    def add(self, form: str, entry: Entry) -> None:
        """Take in one form (one or more words)."""
        parts = [form] if form.isalpha() else [word.low for word in words(form)]
        if not parts:
            return
        folds = [fold(part) for part in parts]
        spellings = {" ".join(parts): self.exact}
        spellings.setdefault(" ".join(folds), self.folded)
        if self.language == "de":
            spellings.setdefault(" ".join(map(spelled_out, parts)), self.folded)
        for key, table in spellings.items():
            row = table.setdefault(key, [])
            if entry not in row:
                row.append(entry)
        for first in {folds[0], next(reversed(spellings)).split(" ")[0]}:
            self.longest[first] = max(self.longest.get(first, 0), len(parts))
        if len(parts) == 1:
            low = folds[0]
            alike = (fold(entry.english), f"{fold(entry.english)}s" if entry.plural else "")
            foreign = entry.kind in _SMALL or low not in alike or parts[0] != low
            self.own[low] = self.own.get(low, False) or foreign
            if self.language == "de":
                self.own.setdefault(spelled_out(parts[0]), foreign)
        elif entry.kind in _SMALL or entry.kind in ("noun", "unit", "time", "number", "whole", "tell"):
            for part in folds:
                self.own.setdefault(part, True)

    def at(self, said: Sequence[Word], at: int, stop: int) -> tuple[list[Entry], int]:
        """(entries of the longest form that begins at a word, its length); ([], 0) if there is none."""
        first = said[at]
        for length in range(min(self.longest.get(first.fold, 0), stop - at), 0, -1):
            part = said[at: at + length]
            exact = self.exact.get(" ".join([word.low for word in part]))
            if exact:
                return exact, length
            loose = self.folded.get(" ".join([word.fold for word in part]))
            if loose:
                return loose, length
        return [], 0

    def knows(self, word: str) -> bool:
        """Whether a folded single word is one of this language."""
        return word in self.own


def _forms(value: str) -> Iterator[str]:
    return (form.strip() for form in value.split(",") if form.strip())


@lru_cache(maxsize=8)
def table(language: str) -> dict[str, Any]:
    """The .toml of a language."""
    file = resources.files("models.language.tongues").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8"))


@lru_cache(maxsize=3)
def lexicon(language: str) -> Lexicon:
    """The lexicon of de, fr or es."""
    made, data = Lexicon(language), table(language)
    for english, forms in data["whole"].items():
        for form in _forms(forms):
            made.add(form, Entry("whole", english))
    for number, value in numerals.spelled(language).items():
        made.add(number, Entry("number", str(value)))
    for kind, section in (("determiner", "determiners"), ("all", "all"), ("except", "except"), ("value", "values"),
                          ("preposition", "prepositions"), ("pronoun", "pronouns"), ("person", "persons"),
                          ("join", "join"), ("not", "not"), ("opener", "openers"), ("question", "questions"),
                          ("copula", "copula"), ("state", "states"), ("comparison", "comparisons"), ("tell", "tells"),
                          ("time", "times"), ("day", "days"), ("unit", "units"), ("towards", "value")):
        for english, forms in data[section].items():
            for form in _forms(forms):
                made.add(form.rstrip("+"), Entry(kind, english, "the" if form.endswith("+") else ""))
    for group, rows in data["nouns"].items():
        for english, forms in rows.items():
            for form in _forms(forms):
                _noun(made, group, english, form)
    for english, forms in data["adjectives"].items():
        for form in _forms(forms):
            for one in inflect.adjectives(language, form):
                made.add(one, Entry("adjective", english))
    for english, forms in data["values"].items():
        for form in _forms(forms):
            for one in inflect.adjectives(language, form) if " " not in form else ():
                made.add(one, Entry("value", english, "inflected" if one != form else ""))
    if language == "de":
        for english, forms in data["states"].items():
            for form in _forms(forms):
                for one in inflect.adjectives(language, form) if len(form) > 3 and " " not in form else ():
                    made.add(one, Entry("state", english, "inflected" if one != form else ""))
    for section in ("orders", "happens"):
        for english, verbs in data[section].items():
            for verb in _forms(verbs):
                _verb(made, data, section, english, verb)
    for english, forms in data["bare"].items():
        for form in _forms(forms):
            made.add(form, Entry("particle", english))
    for form in _forms(data["polite"]["drop"]):
        made.add(form, Entry("polite", ""))
    made.particles = {lemma: frozenset(row) for lemma, row in made.frames.items()}
    return made


def _noun(made: Lexicon, group: str, english: str, written: str) -> None:
    one, given = inflect.split_plural(written)
    alike = "alike" if made.language == "de" and not given else ""
    made.add(one, Entry("noun", english, group, lemma=alike))
    for form in inflect.genitives(made.language, one):
        made.add(form, Entry("noun", english, group))
    for form in inflect.plurals(made.language, one, given):
        if form != one:
            made.add(form, Entry("noun", english, group, plural=True))


def _verb(made: Lexicon, data: dict[str, Any], section: str, english: str, written: str) -> None:
    kind = "verb" if section == "orders" else "happen"
    if made.language == "de":
        particle, _, lemma = written.rpartition("|")
        lemma_key = lemma
    else:
        lemma, _, particle = written.removeprefix("se ").partition(" ")
        lemma_key = lemma
    given = data["forms"].get(lemma, "")
    row = made.frames.setdefault(f"{kind} {lemma_key}", {})
    row.setdefault(particle, english)
    if (particle and " " not in particle and "'" not in particle) or particle.startswith(_PARTICLES):
        made.add(particle, Entry("particle", "", "part"))
    state = _STATES.get(english, "")
    for form, use in inflect.verb_forms(made.language, lemma, given):
        if not particle:
            if use == inflect.DONE and state:
                made.add(form, Entry("state", state))
            made.add(form, Entry(kind, english, use, lemma=lemma_key))
        elif made.language == "de":
            made.add(form, Entry(kind, "", use, lemma=lemma_key))
            if use != inflect.ORDER:
                joined = particle.replace(" ", "") + form
                if use == inflect.DONE and state:
                    made.add(joined, Entry("state", state))
                made.add(joined, Entry(kind, english, f"{use} joined"))
                if " " in particle:
                    made.add(f"{particle} {form}", Entry(kind, english, f"{use} joined"))
            elif form.endswith("st"):
                made.add(particle.replace(" ", "") + form, Entry(kind, english, f"{use} joined"))
            if use == inflect.INFINITIVE:
                made.add(f"{particle.replace(' ', '')}zu{form}", Entry(kind, english, f"{use} joined"))
        else:
            made.add(form, Entry(kind, "", use, lemma=lemma_key))
            made.add(f"{form} {particle}", Entry(kind, english, f"{use} joined"))
            if particle.endswith((" a", " à")) or particle in ("a", "à"):
                made.add(f"{form} {particle[:-1]}{'al' if made.language == 'es' else 'au'}",
                         Entry(kind, english, f"{use} joined"))


_STATES = {"turn on": "on", "turn off": "off", "open": "open", "close": "closed", "lock": "locked",
           "unlock": "unlocked", "mute": "muted", "pause": "paused", "stop": "stopped", "arm": "armed",
           "disarm": "disarmed", "start": "running", "raise": "open", "lower": "closed", "dim": "dimmed"}

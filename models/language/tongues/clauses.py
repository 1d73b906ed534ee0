"""Where the clauses of a foreign sentence begin and end: orders, questions, conditions, notices.

Rules: a condition ends at its comma, at "then", or where an order follows its verb; "and" begins a clause where a verb,
a question or an opener follows, where the clause before is complete (a German particle or infinitive ends it), or where
both sides hold a value of their own; else it joins nouns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.language.tongues.fold import fold
from models.language.tongues.inflect import DONE, FINITE, ORDER
from models.language.tongues.lexicon import Entry, lexicon
from models.language.tongues.units import Unit

# "he dejado …" tells, "¿he dejado …?" asks.
_HAVING = ("he", "hemos", "ha", "has", "ai", "as", "avons", "habe", "hast", "haben", "hat", "tiene", "a")
# What "bei …" makes a condition of: "bei Bewegung".
_SEEN = ("motion", "movement", "smoke", "leak", "fire", "rain", "presence", "storm", "water")
_EMPTY = ("polite", "person", "join")


@dataclass(slots=True)
class Part:
    """One clause. `kind`: order, question, condition; `opener`: of a condition; `joined`: "", and, then, but, stop;
    `asked`: it ends with a question mark; `opened`: it begins with one."""

    kind: str
    units: list[Unit] = field(default_factory=list)
    opener: str = ""
    joined: str = ""
    asked: bool = False
    opened: bool = False


def verb_of(units: Sequence[Unit], at: int) -> Entry | None:
    """The verb that a unit is in its place, or None."""
    unit = units[at]
    entry = next((one for one in unit.entries if one.kind == "verb" and not one.use.startswith(DONE)), None)
    if entry is None or unit.kind in ("name", "quote"):
        return None
    before = units[at - 1] if at else None
    if before is not None and before.kind == "join" and unit.text.islower() and _ordered(units, at + 1):
        return entry
    if len({one.kind for one in unit.entries}) == 1:
        return entry
    if before is not None and unit.get("noun", "value", "state", "preposition", "question", "copula", "particle"):
        if before.get("determiner", "all", "preposition", "adjective", "state", "copula", "number") and not before.get(
                "pronoun", "polite", "person"):
            return None
        if unit.get("noun") and before.get("determiner"):
            return None
        content = [one for one in units[:at] if not _light(one)]
        if content and unit.get("preposition", "state", "value", "noun"):
            return None
    return entry


def _ordered(units: Sequence[Unit], at: int) -> bool:
    """Whether an order's object may begin here: an article, a pronoun, a name, a number of them."""
    return at < len(units) and (units[at].kind == "name" or units[at].get("determiner", "pronoun", "all") is not None)


def _light(unit: Unit) -> bool:
    return unit.kind in ("stop",) or (unit.kind in _EMPTY and unit.get("noun") is None)


def split(units: Sequence[Unit], language: str) -> list[Part]:
    """The clauses of a sentence, in the order said."""
    return _Splitter(units, language).split()


class _Splitter:
    def __init__(self, units: Sequence[Unit], language: str) -> None:
        self.units, self.language = units, language
        self.frames = lexicon(language).frames
        self.parts: list[Part] = []
        self.part = Part("order")

    def split(self) -> list[Part]:
        """One pass over the units."""
        for at, unit in enumerate(self.units):
            if unit.kind == "stop":
                self._stop(at)
            elif unit.get("opener") and self._opens(at):
                self._close("", at)
                self.part.kind, self.part.opener = "condition", unit.get("opener").english  # type: ignore[union-attr]
            elif (join := unit.get("join")) and unit.kind == "join":
                self._join(at, join)
            elif self._ends_condition(at) or self._follows(at):
                self._close("")
                self._take(at)
            else:
                self._take(at)
        self._close("")
        return self.parts

    def _take(self, at: int) -> None:
        unit = self.units[at]
        if not self._content() and self.part.kind == "order" and unit.kind != "name":
            verb = verb_of([*self.part.units, unit], len(self.part.units))
            question = unit.get("question")
            that = question is not None and unit.kind == "polite" and question.english == "what"
            asks = question is not None and (not that or self._asked(at))
            stands = unit.get("copula", "happen") and not unit.get("preposition", "state", "determiner", "pronoun")
            stands = stands and (fold(unit.text) not in _HAVING or self._asked(at))
            wished = any(one.kind == "polite" and fold(one.text).endswith(("que", "dass")) for one in self.part.units)
            if not verb and (asks or stands) and not wished:
                self.part.kind = "question"
        self.part.units.append(unit)

    def _asked(self, at: int) -> bool:
        return any(unit.text == "?" for unit in self.units[at:])

    def _content(self) -> list[Unit]:
        return [unit for unit in self.part.units if not _light(unit)]

    def _close(self, joined: str, at: int = 0) -> None:
        if self._content():
            self.parts.append(self.part)
            self.part = Part("order", joined=joined)
        else:
            self.part = Part("order", joined=joined or self.part.joined)

    def _stop(self, at: int) -> None:
        text = self.units[at].text
        if text == "?":
            self.part.asked = True
        if text == "¿":
            self.part.opened = True
        if text in "¿¡()":
            return
        if text != ",":
            self._close("stop")
            return
        if all(unit.kind == "when" for unit in self._content()):
            return
        following = self._after(at)
        if self.part.kind == "condition":
            if self._predicate() or (following is not None and self._begins(following)):
                self._close("")
            return
        if at + 1 < len(self.units) and (self.units[at + 1].kind == "join" or self.units[at + 1].get("except")):
            return
        if following is None or self._begins(following) or self._complete():
            self._close("and" if following is not None and not self.units[following].get("opener", "then") else "")
        elif self._valued(self.part.units) and self._valued(self._stretch(following)):
            self._close("and")
        else:
            self.part.units.append(Unit("join", "and", ",", self.units[at].start, self.units[at].end,
                                        (Entry("join", "and"),)))

    def _join(self, at: int, join: Entry) -> None:
        following = self._after(at)
        if join.english == "then" and following is not None and self._only_verb():  # "mach dann die Lampe aus"
            self.part.joined = self.part.joined and "then"
            return
        if join.english in ("then", "but"):
            if self.part.kind == "condition":
                self._close("")
                return
            self._close(join.english)
            return
        if following is None or not self._content():
            if join.english != "or":
                self.part.joined = self.part.joined or join.english
            return
        if self.part.kind == "condition":
            verb = verb_of(self.units, following)
            if verb and verb.use == ORDER and self._predicate() and not self._final(following):
                self._close("and")
            else:
                self.part.units.append(self.units[at])
            return
        if join.english == "or":
            self.part.units.append(self.units[at])
            return
        if self._begins(following) or self._complete():
            self._close("then" if self.units[following].get("join") else "and")
        elif self._valued(self.part.units) and self._valued(self._stretch(following)):
            self._close("and")
        else:
            self.part.units.append(self.units[at])

    def _only_verb(self) -> bool:
        content = self._content()
        return self.part.kind == "order" and len(content) == 1 and verb_of(content, 0) is not None

    def _after(self, at: int) -> int | None:
        """The next unit that says something."""
        for place in range(at + 1, len(self.units)):
            unit = self.units[place]
            if unit.kind == "join" and unit.get("join").english == "then":  # type: ignore[union-attr]
                return place
            if not _light(unit) and unit.get("not") is None:
                return place
        return None

    def _begins(self, at: int) -> bool:
        unit = self.units[at]
        if unit.kind == "name":
            return False
        if verb_of(self.units, at) and not self._final(at):
            return True
        if unit.get("whole") and unit.english not in ("here", "there"):
            return True
        if unit.get("opener") and self._opens(at):
            return True
        return bool(unit.get("question", "tell", "copula") and not unit.get("noun", "state", "determiner", "pronoun"))

    def _final(self, at: int) -> bool:
        """Whether a German verb ends its clause (so that it begins none)."""
        if self.language != "de":
            return False
        return at + 1 >= len(self.units) or self.units[at + 1].kind == "stop"

    def _opens(self, at: int) -> bool:
        unit = self.units[at]
        following = self.units[at + 1] if at + 1 < len(self.units) else None
        if following is None:
            return False
        said = fold(unit.text)
        if said == "bis":
            return following.kind != "when" and following.get("number", "towards", "preposition", "value") is None
        if said == "bei":
            noun = following.get("noun")
            return noun is not None and noun.english in _SEEN
        if said == "s'":
            return fold(following.text).startswith("il")
        if unit.get("verb", "copula", "noun", "preposition") and unit.kind != "opener":
            return False
        return not (said == "si" and following.kind == "stop")

    def _predicate(self) -> bool:
        units = self.part.units
        return any(unit.get("copula", "happen", "verb", "state", "question", "comparison") for unit in units
                   if unit.kind not in ("name", "quote") and not unit.get("determiner", "preposition"))

    def _ends_condition(self, at: int) -> bool:
        """An order that follows the verb of a condition without a comma."""
        if self.part.kind == "condition" and self.part.opener == "upon":
            return self.part.units != [] and self.units[at].get("determiner", "all") is not None and (
                self.units[at - 1].get("preposition") is None)
        if self.part.kind != "condition" or not self._predicate():
            return False
        if self.units[at].get("tell"):
            return True
        verb = verb_of(self.units, at)
        if verb is None or ("joined" in verb.use and self.language == "de") or verb.use == FINITE:
            return False
        if self.language == "de":
            return verb.use == ORDER and not self._final(at) and self._settled()
        before = self.units[at - 1]
        return not before.get("determiner", "preposition", "copula") or bool(before.get("polite"))

    def _settled(self) -> bool:
        return any(unit.get("copula", "happen", "verb") for unit in self.part.units
                   if not unit.get("determiner", "preposition"))

    def _follows(self, at: int) -> bool:
        """A second order with no word between ("Allumez A fermez B")."""
        if self.language == "de" or self.part.kind != "order" or not self._content():
            return False
        verb = verb_of(self.units, at)
        held = [unit for place, unit in enumerate(self.part.units) if verb_of(self.part.units, place)]
        before = self.units[at - 1]
        return bool(verb and verb.use == ORDER and held and len(self._content()) > 1 and self.units[at].kind == "verb"
                    and before.kind not in ("determiner", "preposition", "verb", "pronoun", "polite", "person", "not")
                    and not before.get("pronoun"))

    def _complete(self) -> bool:
        """Whether a German clause has ended: with its particle, or with an infinitive."""
        if self.language != "de":
            return False
        units = [unit for unit in self.part.units if unit.kind != "polite"]
        if len(units) < 2:
            return False
        last = units[-1]
        if last.get("verb") and last.kind != "name" and last.get("verb").use != ORDER:  # type: ignore[union-attr]
            return True
        return any((entry := unit.get("verb")) and fold(last.text) in (fold(part) for part in self.frames.get(
            f"verb {entry.lemma}", ())) for unit in units[:-1]) or bool(
            last.get("particle") and last.get("particle").english)  # type: ignore[union-attr]

    def _valued(self, units: Sequence[Unit]) -> bool:
        chosen = [unit for unit in units if unit.kind == "name" and unit.entries[0].use == "value"]
        said = [unit for unit in units if unit.kind != "name"]
        named = any(unit.get("noun") or unit.kind in ("name", "unknown") for unit in units if unit not in chosen)
        return named and (bool(chosen) or any(
            (unit.get("number") and unit.get("determiner") is None and not (at and said[at - 1].get("noun")))
            or (unit.get("state") and (not unit.get("preposition") or at + 1 == len(said)))
            or (unit.get("value") and at + 1 == len(said))
            for at, unit in enumerate(said)))

    def _stretch(self, at: int) -> list[Unit]:
        found = []
        for unit in self.units[at:]:
            if unit.kind in ("stop", "join") or unit.get("opener"):
                break
            found.append(unit)
        return found

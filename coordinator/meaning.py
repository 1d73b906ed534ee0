"""Who is meant by a clause: the Things of its noun phrases, of "it" and "the other one", or of what is asked for.

Rules: each phrase is looked up (ground.py), exceptions are taken out, "the other one" is of the kind of those
mentioned; a clause that names nobody is about those of the clause before, or about what serves it near the speaker.
Changes nothing: what is refused and what is asked back comes out with the Things."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordinator import ground, proper, questions, render, told
from coordinator.clauses import Clause
from coordinator.ground import Context, Found
from coordinator.house import Facts, House
from coordinator.phrases import Token, contains, words
from coordinator.questions import Question
from coordinator.reading import Phrase, Reading, targets

OFF_TOPIC = "That is not something the devices here can do."
NOT_TOLD = "No device here can tell that."
_WHICH = "I do not know which device you mean."


@dataclass(frozen=True)
class Meaning:
    """The Things meant; why what is refused, with its text ("" for the whole clause); or a question back."""

    things: tuple[Facts, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    question: Question | None = None


@dataclass(frozen=True)
class Search:
    """A clause whose Things are looked for, and what it may lean on. `verb`: that of an earlier clause; `place`: where
    "there" is; `called`: somebody was spoken to before."""

    text: str
    tokens: tuple[Token, ...]
    house: House
    context: Context
    verb: Token | None
    place: str | None
    called: bool
    clause: Clause
    said: tuple[Token, ...]
    reading: Reading
    asking: bool

    def meaning(self) -> Meaning:
        """Who is meant."""
        named = targets(self.reading.phrases)
        if not named:
            return self._unnamed()
        several = named if len(named) > 1 else ()
        problems = [phrase for phrase in several if self._find(phrase, self.context).problem]
        if 0 < len(problems) < len(named) and not all(
            proper.is_coordinated(one, named, self.said) for one in problems
        ):
            return self._refused(self._find(problems[0], self.context).problem)
        return self._named(named)

    def _named(self, named: tuple[Phrase, ...]) -> Meaning:
        """Those of each phrase, less the exceptions."""
        excluded, context = self._excluded(), self.context
        meant: dict[str, Facts] = {}
        refused: list[tuple[str, str]] = []
        for phrase in named:
            found = self._find(phrase, context)
            if found.several:
                left = tuple(fact for fact in found.several if fact.id not in excluded)
                if len(left) > 1:
                    return Meaning(refused=tuple(refused), question=self._which(left, phrase))
                found = Found(left)
            if found.problem:
                refused.append(
                    (self._reason(phrase, found), "" if len(named) == 1 else self.text[phrase.start : phrase.end])
                )
            for fact in found.things:
                if fact.id not in excluded:
                    meant.setdefault(fact.id, fact)
            if found.things and phrase.has("room"):
                context = replace(context, room=next(part.value[0] for part in phrase.parts if part.role == "room"))
        if not meant and not refused:
            return Meaning(refused=(("Nothing is left to do after the exception.", ""),))
        if self.asking and meant and not self._is_askable():
            refused, meant = [*refused, (NOT_TOLD, "")], {}
        return Meaning(tuple(meant.values()), tuple(refused))

    def _reason(self, phrase: Phrase, found: Found) -> str:
        """Why a phrase names nothing: a strange word in a clause that orders nothing is off topic."""
        if not phrase.has("unknown"):
            return found.problem
        if self.asking:
            return NOT_TOLD
        orders = self.reading.verb is not None or self.verb is not None or self.reading.has_state
        return found.problem if orders else OFF_TOPIC

    def _excluded(self) -> frozenset[str]:
        """The ids of those that an exception names."""
        return frozenset(
            fact.id
            for phrase in self.reading.phrases
            if phrase.excluded
            for fact in ground.find(replace(phrase, every=True), self.reading, self.house, self.context, True).things
        )

    def _find(self, phrase: Phrase, context: Context) -> Found:
        """`ground.find`, and "the other one": of the same kind as those mentioned, but none of them."""
        if not (phrase.other and not phrase.parts and context.targets):
            return ground.find(phrase, self.reading, self.house, context, self.asking)
        kinds = frozenset().union(*(fact.kinds for fact in context.targets))
        rooms = {fact.room for fact in context.targets}
        rest = tuple(fact for fact in self.house.facts if fact.kinds & kinds and fact.id not in context.mentioned)
        rest = tuple(fact for fact in rest if fact.room in rooms) or rest
        if not rest:
            return Found(problem="There is no other one.")
        one = contains(tuple(token for token in self.tokens if phrase.end <= token.start), ["one"])
        return Found(several=rest) if one and len(rest) > 1 else Found(rest)

    def _is_askable(self) -> bool:
        """Whether a question asks something that a Thing may tell."""
        reading, said = self.reading, self.said
        if reading.senses or reading.has_state or any(phrase.attributes for phrase in reading.phrases):
            return True
        if any(phrase.has("title", "kind", "sort", "word") for phrase in reading.phrases) and (
            told.is_whole(said, reading) or told.handed(said, reading)
        ):
            return True
        return contains(said, words("verbs.asked")) or said[0].word in ("check", "read")

    # Nobody is named.

    def _unnamed(self) -> Meaning:
        """Those of the clause before, or what serves what is asked for."""
        reading = self.reading
        if reading.pronoun and not self.asking and reading.senses <= {"power", "percent"} and not self.context.targets \
                and contains(self.said, ["up", "down"]):
            reading = replace(reading, senses=frozenset({"volume"}))
        wanted = reading.senses - {"percent"}
        if before := self._before(reading, wanted):
            return Meaning(before)
        if self.asking and reading.stray and (not wanted or reading.stray > 1):
            return self._refused(NOT_TOLD)
        if not wanted and "percent" not in reading.senses:
            return self._refused(_WHICH if reading.verb or reading.pronoun else OFF_TOPIC)
        if not self.asking and wanted == {"power"}:
            return self._refused(_WHICH)
        if self.asking and wanted <= {"power", "colour", "brightness", "speed", "position"}:
            return self._refused(NOT_TOLD)
        there = replace(self.context, room=self.place if reading.there else self.context.room)
        found = ground.by_sense(self.house.facts, reading, there, self.asking, False, "")
        if found.several:
            return Meaning(question=self._which(found.several, None))
        return self._refused(found.problem) if found.problem else Meaning(found.things)

    def _before(self, reading: Reading, wanted: frozenset[str]) -> tuple[Facts, ...]:
        """Those of the clause before, if this one goes on about them."""
        before = self.context.targets
        able = tuple(fact for fact in before if not wanted or wanted & (fact.reads if self.asking else fact.acts))
        near = any(part.role == "room" for phrase in reading.phrases for part in phrase.parts)
        continues = self.clause.joined and (self.called or (not reading.verb and reading.has_state))
        goes_on = reading.pronoun or continues or (self.clause.joined and reading.verb and not wanted)
        if not before or near or not goes_on:
            return ()
        if able or not wanted:
            return able or before
        impersonal = self.asking or ground.by_sense(self.house.facts, reading, self.context, False, False, "").things
        return () if impersonal else before

    def _refused(self, reason: str) -> Meaning:
        return Meaning(refused=((NOT_TOLD if self.asking else reason, ""),))

    def _which(self, several: tuple[Facts, ...], phrase: Phrase | None) -> Question:
        """Which of several is meant; an answer is the whole command with its name in the place of what named it."""

        def command(name: str) -> str:
            if phrase is not None:
                return put(self.text, phrase, name)
            verb = self.verb if self.reading.verb is None else None
            inner = render.with_name(self.said, self.reading, render.article(name), verb)
            first, last = self.said[0].start, self.said[-1].end
            return f"{self.text[:first]}{inner}{self.text[last:]}" if last else inner

        return questions.which_one(several, command)


def put(text: str, phrase: Phrase, name: str) -> str:
    """A whole command with a name in the place of a phrase."""
    of = f"the {' '.join(phrase.attributes)} of " if phrase.attributes else ""
    return f"{text[: phrase.start]}{of}{render.article(name)}{text[phrase.end :]}"

"""The clauses of one command, one after another, become steps, refusals, or one question.

A clause goes the first way that fits: list, refusal to act, purpose, notice, question, scene, mood, complaint, order.
Who is meant comes from ground.py, whether it is for the house from proper.py, the sentences from render.py. What an
earlier clause meant helps a later one; nothing else is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from coordinator import (
    complaints,
    conditions,
    ground,
    handing,
    lasting,
    lists,
    phrases,
    proper,
    purposes,
    questions,
    render,
    told,
    wishes,
)
from coordinator.clauses import Clause, split
from coordinator.ground import Context
from coordinator.house import Facts, House
from coordinator.marks import Mark
from coordinator.meaning import NOT_TOLD, OFF_TOPIC, Search, put
from coordinator.phrases import Token, contains, words
from coordinator.planned import STEPS_MAX, Plan, Rejected, Step, shorten
from coordinator.present import Present, behind
from coordinator.questions import Choice, Question
from coordinator.reading import Phrase, Reading, read
from coordinator.times import Now

_NO_ORDER = "Say what to do there."
_ASKING = frozenset({"is", "are", "was", "did", "does", "has", "how", "what", "where", "which", "who"})
_NO_RESTRAINT = "I act when told to; I cannot keep a ban."


@dataclass
class Planner:
    """The clauses of one command, one after another; what an earlier one meant helps a later one."""

    text: str
    tokens: tuple[Token, ...]
    marks: tuple[Mark, ...]
    house: House
    room: str | None
    now: Now
    previous: Plan | None
    present: Present
    playing: frozenset[str] = frozenset()
    dark: frozenset[str] = frozenset()
    steps: list[Step] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    question: Question | None = None
    targets: tuple[Facts, ...] = ()
    mentioned: set[str] = field(default_factory=set)
    place: str | None = None
    watched: conditions.Guarded | None = None
    verb: Token | None = None
    current: int = 0
    next: Clause | None = None
    called: bool = False
    count: int = 0
    stage: list[str] = field(default_factory=list)
    before: tuple[str, ...] = ()

    def _begin(self) -> tuple[Clause, ...]:
        """Put everything in its place; the clauses of the command."""
        by_place = self.marks
        self.marks = tuple(
            replace(mark, start=self.tokens[mark.start].start, end=self.tokens[mark.end - 1].end) for mark in by_place
        )
        if self.room is not None:
            self.room = self.house.room_named(self.room) or self.room.lower()
        steps = self.previous.steps if self.previous is not None else ()
        facts = dict.fromkeys(fact for step in steps if (fact := self.house.fact(step.thing.id)) is not None)
        self.targets = self.present.things(facts)
        self.mentioned = {fact.id for fact in facts}
        return self._clauses(by_place)

    def plan(self) -> Plan:
        clauses = self._begin()
        message = False
        for number, clause in enumerate(clauses):
            message = (message and clause.joined == "and") or (not clause.entry and proper.is_message(clause))
            if message and clause.joined == "and" and self.rejected:
                continue
            if self.question is not None:
                break
            if clause in clauses[:-1] and self._leads_to(clause, clauses[number + 1]):
                continue
            if clause.joined == "then":
                self.before, self.stage = tuple(self.stage), []
            self.current = number
            self.next = clauses[number + 1] if number + 1 < len(clauses) else None
            self._clause(number, clause)
        if self.question is not None:
            return Plan(self.text, (), tuple(self.rejected), self.question)
        if len(self.steps) > STEPS_MAX:
            return Plan(self.text, rejected=(Rejected(self.text, f"That is more than {STEPS_MAX} subtasks at once."),))
        if self.steps:
            remarks = {number for number, clause in enumerate(clauses) if proper.is_remark(clause)}
            self.rejected = [one for one in self.rejected if one.reason != OFF_TOPIC or one.clause not in remarks]
        if not self.steps and not self.rejected:
            self.rejected.append(Rejected(self.text, OFF_TOPIC))
        said = tuple(self._said(clause) for clause in clauses)
        return Plan(self.text, tuple(self.steps), tuple(self.rejected), clauses=said)

    def _leads_to(self, clause: Clause, following: Clause) -> bool:
        """Whether a clause is a complaint that the next one orders something about: "it is too loud, turn it down"."""
        order = None if clause.guarded or clause.entry else complaints.order_of(clause, self.marks)
        said = questions.trimmed(following.words)
        orders = bool(said) and said[0].word in words("verbs.plain")
        if order is None or not (following.joined == "and" or (following.comma and orders)):
            return False
        if proper.points_back(said):
            reading = self._complained(clause, order)
            found = ground.find(reading.phrases[0], reading, self.house, self._context()) if reading.phrases else None
            meant = found or ground.by_sense(self.house.facts, reading, self._context(), False, False, "")
            self.targets, self.called = meant.things or meant.several, True
        return True

    def _clauses(self, by_place: tuple[Mark, ...]) -> tuple[Clause, ...]:
        """The clauses of the command; what is put on a list is one of its own, whatever its text says."""
        found: list[Clause] = []
        start = 0
        for entry in (*lists.entries(self.text, self.tokens, self.house), None):
            end = entry.start if entry is not None else len(self.tokens)
            inside = tuple(
                replace(mark, start=mark.start - start, end=mark.end - start)
                for mark in by_place
                if start <= mark.start and mark.end <= end
            )
            part = split(self.tokens[start:end], inside, self.house, self.now)
            joined = "and" if start else ""
            found += [replace(one, joined=one.joined or joined) for one in part]
            if entry is not None:
                found.append(Clause(self.tokens[entry.start : entry.end], joined="and" if found else "", entry=entry))
                start = entry.end
        return tuple(one for one in found if one.entry or not proper.is_idle(one)) or tuple(found)

    def _said(self, clause: Clause) -> str:
        placed = clause.words or self.tokens
        return shorten(self.text[placed[0].start : placed[-1].end]).strip(" ,")

    # One clause.

    def _clause(self, number: int, clause: Clause) -> None:
        problem = next((when.problem for when in clause.whens if when.problem), "")
        if problem:
            self._refuse(clause, problem)
            return
        if clause.entry is not None:
            self._list(number, clause, clause.entry)
            return
        if named := proper.unneeded(clause):
            clause = replace(clause, words=(*phrases.unsaid("turn off"), *named))
        if questions.is_refusal(clause):
            self._refuse(clause, _NO_RESTRAINT)
            return
        if questions.asks_state(clause) and (questions.is_notice(clause) or _checks(clause)):
            inner = clause.conditions[0].tokens
            clause = replace(
                clause,
                words=(*phrases.unsaid("is"), *(token for token in inner if token.word not in ("is", "are"))),
                conditions=(),
            )
            self._ask(number, clause)
            return
        if questions.is_notice(clause):
            self._notify(number, clause)
            return
        said = questions.without_reason(questions.trimmed(clause.words))
        if said and said[0].word not in _ASKING and not questions.is_talk(said, clause.words):
            purpose = purposes.purpose_of(said, clause.words, proper.places(said, self.marks))
            if purpose is not None:
                self._serve(number, clause, purpose)
                return
        if questions.is_question(clause, self.text):
            self._ask(number, clause)
            return
        self._order(number, clause)

    def _refuse(self, clause: Clause, reason: str, text: str = "") -> None:
        spans = [*clause.words]
        if not text:
            for condition in clause.conditions:
                spans += condition.tokens
            if not spans:
                spans = list(self.tokens)
            start = min([token.start for token in spans] + [condition.start for condition in clause.conditions])
            text = self.text[start : max(token.end for token in spans)]
        self.rejected.append(Rejected(shorten(text).strip(" ,"), reason, self.current))

    def _context(self) -> Context:
        return Context(self.room, self.targets, self.present.ids(self.mentioned), playing=self.playing, dark=self.dark)

    def _list(self, number: int, clause: Clause, entry: lists.Entry) -> None:
        """ "add milk to the shopping list"."""
        have = tuple(fact for fact in self.house.facts if "list" in fact.kinds and fact.can_act)
        called = tuple(fact for fact in have if set(entry.name) <= fact.names)
        if not called:
            self._refuse(clause, f"There is no {' '.join((*entry.name, 'list'))} here.")
            return
        if len(called) > 1:
            items = " and ".join(entry.items)
            self.question = questions.which_one(called, lambda name: entry.order(items, render.article(name)))
            return
        for item in entry.items:
            self._add(Step("", called[0].thing, entry.order(item, render.article(called[0].thing.title)), number))
        self._remember(called, Reading((), frozenset()))

    def _notify(self, number: int, clause: Clause) -> None:
        guards, sources, repeat = self._guards(clause)
        if guards is None:
            return
        if not sources:
            self._refuse(clause, "A reminder at a time needs a Thing to watch; there is none in this.")
            return
        said = " and ".join(self.text[c.tokens[0].start : c.tokens[-1].end] for c in clause.conditions if c.tokens)
        self._add(Step("", sources[0].thing, f"tell me when {said}", number, guards, notify=True, repeat=repeat))

    def _ask(self, number: int, clause: Clause) -> None:
        said = questions.trimmed(clause.words)
        reading = read(said, self.marks, self.house, asking=True)
        whose = said[:1] and said[0].word == "who" and reading.has_state and "motion" not in reading.senses
        talk = whose or questions.is_talk(said, clause.words) or (
            proper.is_foreign(reading, self.house) and not told.handed(said, reading)
        )
        if talk or proper.is_vague(said, reading, self.house.facts):
            self._refuse(clause, NOT_TOLD)
            return
        found = self._meant(clause, said, reading, asking=True)
        if found is None:
            return
        if proper.unexplained(reading, found) and not told.handed(said, reading):
            self._refuse(clause, NOT_TOLD)
            return
        for fact in found:
            text = render.asked(said, reading, fact)
            self._add(Step("", fact.thing, text, number, None, read=True))
        self._remember(found, reading)

    def _wished(self, number: int, clause: Clause, said: tuple[Token, ...]) -> bool:
        """Whether a clause was a wish without an order, and is served: a scene's name, a mood, a complaint, "light"."""
        if routine := proper.routine(said, self.house):
            self._act(number, clause, (routine,), lambda fact: f"activate {render.article(fact.thing.title)}")
            return True
        if mood := proper.mood(said, self.marks, self.house):
            self._complain(number, clause, "turn on the lights", partial(render.in_mood, mood))
            return True
        if complaint := complaints.order_of(clause, self.marks):
            self._complain(number, clause, complaint)
            return True
        alone = said[0].word if len(clause.words) == 1 and said and not clause.joined else ""
        if self.room is not None and alone in ("light", "lights"):
            self._complain(number, clause, "turn on the lights")
            return True
        return False

    def _order(self, number: int, clause: Clause) -> None:
        said = wishes.active(questions.without_reason(questions.trimmed(clause.words)))
        if self._wished(number, clause, said):
            return
        if said and said[0].word in ("somebody", "someone") and contains(said[1:4], ["left", "forgot"]):
            # "somebody left the hall light on, turn it off": of whom it is told is told, nothing is done about it.
            named = tuple(token for token in said[1:] if token.word not in ("left", "forgot", "has", "have"))
            self._call(clause, named, read(named, self.marks, self.house))
            if self.next is None:
                self._refuse(clause, _NO_ORDER)
            return
        reading = proper.with_amount(said, read(said, self.marks, self.house))
        if reading.pronoun is not None and clause.leading:
            spoken = conditions.subjects(clause.conditions, self.marks, self.house, self._context())
            self.targets = spoken or self.targets
        if render.switching(said, reading):
            reading = replace(reading, senses=reading.senses - {"position"} | {"power"}, has_state=True)
        if reading.verb is not None and reading.verb.word in words("verbs.quoting"):
            reading = replace(reading, phrases=self._players(reading, said))
        problem = self._improper(clause, said, reading)
        light = any(phrases.kind_words().get(token.stem, ("",))[0] == "light" for token in said)
        if problem == _NO_ORDER and light and contains(clause.words, ["please"]) and len(reading.phrases) == 1:
            said = (*phrases.unsaid("turn on"), *said)
            reading, problem = read(said, self.marks, self.house), ""
        if problem:
            names = any(phrase.has("title", "sort", "kind") for phrase in reading.phrases)
            back = self.next is not None and proper.points_back(questions.trimmed(self.next.words))
            if names and self.next is not None and (back or (problem == _NO_ORDER and self.next.comma)):
                self._call(clause, said, reading)
            elif not self._hand_on(number, clause, said, reading):
                self._refuse(clause, problem)
            return
        inherited = self.verb if reading.verb is None and clause.joined else None
        if inherited is not None and not reading.senses:
            reading = replace(reading, senses=reading.senses | self._verb_senses(inherited))
        found = self._meant(clause, said, reading, asking=False)
        if found is None:
            return
        if unknown := proper.unexplained(reading, found):
            if not self._hand_on(number, clause, said, reading):
                self._refuse(clause, f"I do not know what '{unknown}' means here.")
            return
        if reading.verb is not None and not proper.is_fitting(reading, found):
            if not self._hand_on(number, clause, said, reading):
                self._refuse(clause, f"Nothing here can {reading.verb.word} that.")
            return
        if reading.verb is not None and reading.verb.word in ("leave", "keep") and not clause.guarded:
            spared = {fact.id for fact in found}
            self.mentioned |= spared
            self.steps = [step for step in self.steps if step.thing.id not in spared or step.guard is not None]
            if not reading.has_state or (self.steps and contains(said, ["running", "alone"])):
                return
        self._act(number, clause, found, lambda fact: render.rendered(said, reading, fact, inherited), reading)
        if reading.verb is not None:
            self.verb = reading.verb

    def _hand_on(self, number: int, clause: Clause, said: tuple[Token, ...], reading: Reading) -> bool:
        """Whether a clause in words that nobody here knows was handed on, as it was said, to the Things it names."""
        plainer = handing.clause(said, clause, reading, self.house)
        meant = self._plainly(plainer)
        if plainer is None or not meant:
            return False
        full = clause.words or said
        self._act(number, clause, meant, partial(self._as_said, full, plainer.phrases[0]), plainer, strange=True)
        return True

    def _plainly(self, named: Reading | None) -> tuple[Facts, ...]:
        """The Things that a reading with one phrase means, if they can act."""
        if named is None:
            return ()
        meant = ground.find(named.phrases[0], named, self.house, self._context())
        return meant.things if all(fact.can_act for fact in meant.things) else ()

    def whole(self) -> Plan | None:
        """The whole command, handed on as it was said to the Things that it names plainly; None if it names none."""
        clauses = self._begin()
        if any(clause.guarded or clause.whens or clause.entry for clause in clauses):
            return None
        plainer = handing.command(self.tokens, read(self.tokens, self.marks, self.house), self.house)
        meant = self._plainly(plainer)
        if plainer is None or not meant:
            return None
        for fact in meant:
            text = self._as_said(self.tokens, plainer.phrases[0], fact)
            self._add(Step("", fact.thing, text, 0, strange=True))
        return Plan(self.text, tuple(self.steps), clauses=(self.text,))

    def _as_said(self, said: tuple[Token, ...], named: Phrase, fact: Facts) -> str:
        """What was said, word for word, with the name of a Thing in the place of what named it."""
        placed = [token for token in said if token.end]
        before = self.text[placed[0].start : named.start]
        after = self.text[named.end : placed[-1].end]
        name = render.article(fact.thing.title)
        if name.startswith("the ") and before.rstrip().split(" ")[-1].lower() in words("words.determiner"):
            name = name[4:]
        return f"{before}{name}{after}"

    def _call(self, clause: Clause, said: tuple[Token, ...], reading: Reading) -> None:
        """ "the hall lamp, turn it off": who is spoken of is said first."""
        found = self._meant(clause, said, reading, asking=False)
        if found is not None:
            self.targets, self.called = found, True

    def _act(
        self,
        number: int,
        clause: Clause,
        found: tuple[Facts, ...],
        sentence: Callable[[Facts], str],
        reading: Reading | None = None,
        strange: bool = False,
    ) -> None:
        """A step for each Thing, under the guards of the clause, and what takes it back when its time is over."""
        guards, _, repeat = self._guards(clause, found)
        if clause.guarded and guards is None:
            return
        until = [condition for condition in clause.conditions if condition.opener in words("conditions.until")]
        rendered, lasts = lasting.told([(fact, sentence(fact)) for fact in found], clause.whens)
        start = None if until else guards
        done = [
            self._add(Step("", fact.thing, text, number, start, repeat=repeat and not until, strange=strange))
            for fact, text in rendered
        ]
        self._remember(found, reading or Reading((), frozenset()))
        seconds = next((when.seconds for when in clause.whens if when.seconds is not None), None)
        span = next((when.until for when in clause.whens if when.until is not None), None)
        if until or span:
            self._undo(clause, number, rendered, done, span or guards, repeat)
        elif seconds is not None and not all("timer" in fact.kinds for fact in found):
            over = conditions.later(guards, seconds, self.now)
            for one, step in zip(rendered, done, strict=True):
                if one[0].id in lasts:
                    continue
                self._undo(clause, number, [one], [step], over or conditions.held(*one, seconds), repeat)

    def _players(self, reading: Reading, said: tuple[Token, ...]) -> tuple[Phrase, ...]:
        """Of what "play light music in the den" names only what plays, and the places."""
        kept = []
        for phrase in reading.phrases:
            found = ground.find(phrase, reading, self.house, self._context())
            meant = (*found.things, *found.several)
            before = next((token.word for token in reversed(said) if token.end <= phrase.start), "")
            placed = before in words("words.preposition") and phrase.has("room", "floor")
            if placed or (meant and proper.is_fitting(reading, meant)):
                kept.append(phrase)
        return tuple(kept)

    def _serve(self, number: int, clause: Clause, purpose: purposes.Purpose) -> None:
        """ "make me a coffee"."""
        rooms = proper.rooms_said(clause, self.marks, self.house)
        found = purposes.able(purpose, self.house, rooms, self.room)
        if not found:
            self._refuse(clause, "There is nothing here that does that.")
        elif len(found) > 1 and len({fact.room for fact in found}) > 1:
            by_title = {fact.thing.title: fact for fact in found}
            self.question = questions.which_one(
                found, lambda name: purposes.sentence(purpose, by_title.get(name, found[0]), render.article(name))
            )
        else:
            self._act(
                number, clause, found, lambda fact: purposes.sentence(purpose, fact, render.article(fact.thing.title))
            )

    def _complain(
        self, number: int, clause: Clause, order: str, sentence: Callable[[Facts], str] | None = None
    ) -> None:
        """ "it is too dark in here": the lights there become brighter."""
        reading = self._complained(clause, order)
        found = self._meant(clause, phrases.unsaid(order), reading, asking=False)
        if self.question is not None:
            self.question = replace(
                self.question,
                choices=tuple(
                    Choice(one.label, render.wished(order, render.article(one.label))) for one in self.question.choices
                ),
            )
        if found is not None:
            self._act(number, clause, found, sentence or partial(render.complained, order), reading)

    def _complained(self, clause: Clause, order: str) -> Reading:
        """The order that a complaint asks for, about what it names."""
        wish = read(phrases.unsaid(order), (), self.house)
        reading = read(questions.trimmed(clause.words), self.marks, self.house)
        kept = ("room", "floor", "title", "kind", "sort")
        named = tuple(
            replace(p, parts=tuple(q for q in p.parts if q.role in kept)) for p in reading.phrases if p.has(*kept)
        )
        if all(part.role in ("kind", "sort") for one in named for part in one.parts):
            named = tuple(replace(one, plural=True) for one in named)
        return replace(wish, phrases=named or wish.phrases, pronoun=None, whole=reading.whole)

    def _improper(self, clause: Clause, said: tuple[Token, ...], reading: Reading) -> str:
        """Why a clause is no order for the house, as far as its words tell; "" if it may be one."""
        if not said or questions.is_talk(said, clause.words) or proper.makes_alarm(said, reading):
            return OFF_TOPIC
        if proper.is_foreign(reading, self.house):
            return OFF_TOPIC
        if reading.verb is not None and reading.verb.word in words("verbs.tell"):
            return OFF_TOPIC
        if (reading.verb is not None and not proper.is_possible(reading.verb, self.house)) or (
            "music" in reading.senses and not self.house.kinds & {"media", "tv"}
        ):
            return "There is nothing here that does that."
        follows = self.verb is not None and clause.joined and reading.phrases and not reading.unknown
        if reading.verb is None and not reading.has_state and not reading.senses and not follows:
            return _NO_ORDER if self._only_places(reading) else OFF_TOPIC
        named = any(phrase.parts or phrase.every or phrase.other for phrase in reading.phrases)
        if reading.verb is None and not named and reading.stray and not self.verb:
            return OFF_TOPIC
        follows_it = clause.joined or self.previous is not None
        if reading.verb is None and not named and not reading.pronoun and not (follows_it and self.targets):
            return "" if proper.is_wish(said, reading) else OFF_TOPIC
        return ""

    def _only_places(self, reading: Reading) -> bool:
        return bool(reading.phrases) and not reading.unknown and not any(p.has("unknown") for p in reading.phrases)

    def _verb_senses(self, verb: Token) -> frozenset[str]:
        return phrases.senses().get(verb.word, frozenset())

    def _meant(
        self, clause: Clause, said: tuple[Token, ...], reading: Reading, asking: bool
    ) -> tuple[Facts, ...] | None:
        """The Things of a clause, or None after it was refused or asked back."""
        spans = [(c.tokens[0].start, c.tokens[-1].end) for c in clause.conditions if c.tokens]
        near = tuple(
            mark.value[0] for mark in self.marks if mark.kind == "room" and any(a <= mark.start < b for a, b in spans)
        )
        context = replace(self._context(), near=near)
        leaning = (context, self.verb, self.place, self.called)
        found = Search(self.text, self.tokens, self.house, *leaning, clause, said, reading, asking).meaning()
        for reason, text in found.refused:
            self._refuse(clause, reason, text)
        self.question = found.question or self.question
        return found.things or None

    # Guards.

    def _guards(
        self,
        clause: Clause,
        found: tuple[Facts, ...] = (),
    ) -> tuple[dict[str, Any] | None, tuple[Facts, ...], bool]:
        """The one guard of a clause (None: there is none, or it was refused), what it watches, whether it repeats."""
        guards: list[dict[str, Any]] = [when.guard for when in clause.whens if when.guard is not None]
        repeat = any(when.repeat for when in clause.whens)
        sources: list[Facts] = []
        context = replace(self._context(), targets=behind(found, self.targets))
        for condition in clause.conditions:
            guarded = conditions.guard_of(condition, self.marks, self.house, context, self.now, self.watched)
            if guarded.several and not guarded.problem and guarded.phrase is not None:
                self.question = questions.which_one(guarded.several, partial(put, self.text, guarded.phrase))
                return None, (), False
            if guarded.problem or guarded.guard is None:
                self._refuse(clause, guarded.problem or "I did not understand the condition.")
                return None, (), False
            guards.append(guarded.guard)
            self.watched = guarded if guarded.sources else self.watched
            sources += guarded.sources
            repeat = repeat or guarded.repeat
        if not guards:
            return None, tuple(sources), False
        return (guards[0] if len(guards) == 1 else {"all": guards}), tuple(sources), repeat

    def _undo(
        self,
        clause: Clause,
        number: int,
        rendered: list[tuple[Facts, str]],
        done: list[str],
        guard: dict[str, Any] | None,
        repeat: bool,
    ) -> None:
        for (fact, text), step in zip(rendered, done, strict=True):
            back = render.undone(text)
            if back is None or guard is None:
                self._refuse(clause, f"I cannot tell how or when to change {fact.thing.title} back.")
                return
            self._add(Step("", fact.thing, back, number, guard, (step,), repeat=repeat))

    def _add(self, step: Step) -> str:
        self.count += 1
        name = f"s{self.count}"
        waits = tuple(
            one.id
            for one in self.steps
            if one.id in self.before and (one.guard is None or one.guard == step.guard) and not one.notify
        )
        self.steps.append(replace(step, id=name, after=step.after or waits))
        self.stage.append(name)
        return name

    def _remember(self, found: tuple[Facts, ...], reading: Reading) -> None:
        self.targets = found
        self.mentioned |= {fact.id for fact in found}
        rooms = [part.value[0] for phrase in reading.phrases for part in phrase.parts if part.role == "room"]
        self.place = rooms[0] if rooms else (found[0].room if found else self.place)


def _checks(clause: Clause) -> bool:
    """ "check if …", "see if …"."""
    said = questions.trimmed(clause.words)
    return bool(said) and said[-1].word in ("check", "see", "know")

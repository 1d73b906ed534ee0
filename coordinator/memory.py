"""What a house has learned: which Thing is meant by a name, and what is meant by a whole sentence.

Rules: a lesson holds for the same words, in the room where they were said if that mattered; it changes the sentence
before it is planned, so that everything after it, policy above all, judges what is meant; it names Things by their
ids, so that a renamed one is found and one that is gone makes it rest; the name of a Thing beats it. What was corrected
is learned once it has come off, what was answered to a question only when it was answered twice. Kept in the journal,
never sent anywhere but to who asks."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from coordinator import phrases
from coordinator.house import House
from coordinator.journal import Journal, Lesson
from coordinator.phrases import stem
from coordinator.spoken import Spoken, called, name_of, room_in, words_of

NAME, SENTENCE = "name", "sentence"
LEARNED, HEARD, PENDING = "learned", "heard", "pending"
ANYWHERE = "*"
KEPT = 500
ALL = "all"


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """corrections.toml as it stands."""
    return tomllib.loads(resources.files("coordinator").joinpath("corrections.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Draft:
    """A lesson to be: see `journal.Lesson`."""

    kind: str
    said: str
    room: str
    meant: str
    things: tuple[str, ...]


@dataclass(frozen=True)
class Applied:
    """A sentence as it is meant. `whole`: a lesson about all of it was used."""

    text: str
    whole: bool = False


class Memory:
    """The lessons of one house, in its journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def applied(self, text: str, room: str | None, house: House) -> Applied:
        """The sentence with what the house has learned about its words."""
        lessons = [lesson for lesson in self._journal.lessons(LEARNED)
                   if lesson.room in (room_in(house, room), ANYWHERE)]
        if not lessons:
            return Applied(text)
        lessons.sort(key=lambda lesson: (lesson.room == ANYWHERE, -lesson.number))
        tokens = phrases.tokens(phrases.clean(text))
        whole, single = words_of(tokens), {token.word for token in tokens}
        for lesson in lessons:
            if lesson.kind == SENTENCE and lesson.said == whole and not missing(lesson, house):
                return Applied(_filled(lesson, house), whole=True)
        names = {lesson.said: lesson for lesson in reversed(lessons)
                 if lesson.kind == NAME and set(lesson.said.split()) <= single and not missing(lesson, house)}
        if not names:
            return Applied(text)
        spoken = Spoken.of(text, house)
        meant = spoken.text
        for phrase in reversed(spoken.names):
            found = names.get(name_of(spoken, phrase))
            if found is not None and not (phrase.every or phrase.other or phrase.has("title")):
                meant = f"{meant[:phrase.start]}{_filled(found, house)}{meant[phrase.end:]}"
        return Applied(meant if meant != spoken.text else text)

    def teach(self, draft: Draft, client: str, command: int, now_ms: int) -> None:
        """Learn it as soon as the command has come off."""
        self._insert(draft, client, now_ms, PENDING, command)

    def settle(self, command: int, good: bool) -> list[Lesson]:
        """The command has ended: what it taught is learned if it came off, in the place of what was known before."""
        kept = []
        for lesson in self._journal.lessons_of(command):
            if not good:
                self._journal.forget(lesson)
                continue
            for other in self._journal.lessons(LEARNED, HEARD):
                if other.said == lesson.said and lesson.room in (other.room, ANYWHERE):
                    self._journal.forget(other)
            kept.append(self._journal.update(lesson, state=LEARNED, command=None))
        for old in self._journal.lessons(LEARNED, HEARD)[:-KEPT] if kept else ():
            self._journal.forget(old)
        return kept

    def answered(self, draft: Draft, client: str, command: int, now_ms: int) -> None:
        """A question was answered so: learn it if it was answered the same way before."""
        for lesson in self._journal.lessons(HEARD):
            if (lesson.said, lesson.room) == (draft.said, draft.room):
                if (lesson.kind, lesson.meant, lesson.things) == (draft.kind, draft.meant, draft.things):
                    self.teach(draft, client, command, now_ms)
                    return
                self._journal.forget(lesson)
        self._insert(draft, client, now_ms, HEARD, None)

    def all(self) -> list[Lesson]:
        """What is learned, or was heard once."""
        return self._journal.lessons(LEARNED, HEARD)

    def find(self, target: str) -> list[Lesson]:
        """The lessons of an id, or of `all`."""
        return [lesson for lesson in self.all() if target in (ALL, lesson.id)]

    def about(self, hint: Sequence[str], house: House) -> list[Lesson]:
        """The lessons that speak of all these words."""
        wanted = {stem(word) for word in hint}
        return [lesson for lesson in self.all()
                if wanted <= {stem(word) for word in f"{lesson.said} {meaning(lesson, house)}".lower().split()}]

    def forget(self, lessons: Sequence[Lesson]) -> None:
        """Erase them."""
        for lesson in lessons:
            self._journal.forget(lesson)

    def rows(self, house: House) -> list[dict[str, Any]]:
        """The answer to the query `memory`."""
        return [{"id": lesson.id, "kind": lesson.kind, "said": lesson.said, "room": lesson.room,
                 "means": meaning(lesson, house), "things": list(lesson.things), "state": lesson.state,
                 "owner": lesson.client, "t_ms": lesson.t_ms, "problem": missing(lesson, house)}
                for lesson in self.all()]

    def _insert(self, draft: Draft, client: str, now_ms: int, state: str, command: int | None) -> None:
        self._journal.insert(Lesson(0, draft.kind, draft.said, draft.room, draft.meant, draft.things, client, now_ms,
                                    state, command))


def missing(lesson: Lesson, house: House) -> str:
    """Why a lesson is not used: a Thing that it names is no longer here. "" if it is."""
    gone = [thing for thing in lesson.things if house.fact(thing) is None]
    named = [thing for at, thing in enumerate(lesson.things) if f"{{{at}}}" in lesson.meant]
    if gone and (set(gone) & set(named) or len(gone) == len(lesson.things)):
        return f"There is no {gone[0].rpartition(':')[2]} any more; it is not used."
    return ""


def meaning(lesson: Lesson, house: House) -> str:
    """What the words mean, with the names that Things have now."""
    return _filled(lesson, house)


def _filled(lesson: Lesson, house: House) -> str:
    text = lesson.meant
    for at, thing in enumerate(lesson.things):
        fact = house.fact(thing)
        text = text.replace(f"{{{at}}}", called(fact, house) if fact is not None else thing.rpartition(":")[2])
    return text


def template(text: str, things: Sequence[str], house: House) -> str:
    """The words with {0}, {1}, … for the Things that they call by name."""
    for at, thing in enumerate(things):
        fact = house.fact(thing)
        if fact is not None:
            name = called(fact, house)
            at_place = text.lower().find(name.lower())
            if at_place >= 0:
                text = f"{text[:at_place]}{{{at}}}{text[at_place + len(name):]}"
    return text


def in_words(lesson: Lesson, house: House) -> str:
    """One lesson as a person says it, without a full stop."""
    where = "" if lesson.room == ANYWHERE else f" in the {lesson.room}" if lesson.room else ""
    return f"“{lesson.said}”{where} means {'“' if lesson.kind == SENTENCE else ''}{meaning(lesson, house)}" + (
        "”" if lesson.kind == SENTENCE else "")

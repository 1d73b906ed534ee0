"""What a person's sentence comes to: an order, a correction of the one before, or something about what was learned.

Rules: what the house has learned changes a sentence before it is planned; only what the same client said within
PREVIOUS_MS can be put right or meant by "it"; a question about a correction is answered as a correction of the same
command. It keeps who said what last in memory only: after a restart the journal tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from coordinator import corrections, denial, phrases
from coordinator.corrections import Before
from coordinator.denial import AGAIN
from coordinator.house import House
from coordinator.journal import Command, Journal
from coordinator.lessons import lesson as lesson_of
from coordinator.memory import Draft, Memory, table
from coordinator.plan import Plan
from coordinator.questions import trimmed
from models.language import tongues

# "Turn it off again" and "no, the other one" speak of the command before, if that is not older.
PREVIOUS_MS = 300_000
HISTORY = 5
ORDER, CORRECTION, UNDO, TOLD, FORGET = "order", "correction", "undo", "told", "forget"
Understand = Callable[..., Plan]


@dataclass(frozen=True)
class Heard:
    """`plan`: what is to be done, of an order or a correction; `before`: the command that is put right or undone;
    `draft`: what is to be learned if it comes off; `hint`: the words that name what to forget, () for everything."""

    kind: str
    plan: Plan
    before: Before | None = None
    draft: Draft | None = None
    hint: tuple[str, ...] = ()


class Hearing:
    """`understand`: plan.understand_command or its like; `zone`: the site's."""

    def __init__(self, journal: Journal, memory: Memory, understand: Understand, zone: str) -> None:
        self._journal = journal
        self._memory = memory
        self._understand = understand
        self._zone = zone
        self._last: dict[str, tuple[Before, int]] = {}
        self._previous: dict[str, tuple[Plan, int]] = {}
        self._asked: dict[int, Before] = {}  # command -> what its question is to put right

    def hear(
        self, command: Command, text: str, house: House, now_ms: int, instead_of: Command | None = None
    ) -> Heard:
        """What `text`, said in a command or chosen as the answer to its question, comes to. `instead_of`: the command
        whose question this one answered in words."""
        first = instead_of or command
        about = _about_memory(text)
        if about is not None:
            return about
        before = self._asked.pop(first.number, None) or self._before(command, house, now_ms)
        english = denial.in_english(text, house)
        found = corrections.understand(english, before, house) if before is not None else None
        if found is not None and before is not None:
            return self._corrected(command, found, before, house, now_ms)
        read = tongues.read(text, house.spoken).text
        meant = self._memory.applied(read, command.room, house)
        plan = self._plan(text if meant.text == read else meant.text, command.room, command.client, house, now_ms)
        if plan.kind == "act" and plan.question is None:
            said = tongues.read(first.text, house.spoken).text
            before = Before(said, meant.text, command.room, plan, command.number, meant.whole)
            self._said(command, before, now_ms)
        return Heard(ORDER, plan)

    def answered(self, command: Command, text: str, house: House, now_ms: int) -> Draft | None:
        """What would be learned if `text` was chosen as what the command meant."""
        if text.startswith(AGAIN):
            return None
        plan = self._plan(text, command.room, command.client, house, now_ms)
        said = tongues.read(command.text, house.spoken).text
        before = Before(said, said, command.room, Plan(command.text), command.number)
        return lesson_of(before, text, plan, house)

    def _corrected(
        self, command: Command, found: corrections.Correction, before: Before, house: House, now_ms: int
    ) -> Heard:
        if found.kind == corrections.UNDO:
            self._last[command.client] = replace(before, command=command.number), now_ms
            return Heard(UNDO, Plan(command.text), before)
        if found.question is not None:
            self._asked[command.number] = before
            return Heard(ORDER, Plan(command.text, question=found.question))
        plan = self._understand(found.text, house, before.room or command.room, now_ms=now_ms, zone=self._zone,
                                previous=before.plan if before.plan.steps else None)
        if plan.question is not None:
            choices = tuple(replace(choice, text=AGAIN + choice.text) for choice in plan.question.choices)
            self._asked[command.number] = before
            return Heard(ORDER, replace(plan, question=replace(plan.question, choices=choices)))
        draft = lesson_of(before, found.text, plan, house)
        if plan.steps:
            after = replace(before, text=found.text, plan=plan, command=command.number, whole=False)
            self._said(command, after, now_ms)
        return Heard(CORRECTION, plan, before, draft)

    def _plan(self, text: str, room: str | None, client: str, house: House, now_ms: int) -> Plan:
        previous, when_ms = self._previous.get(client, (None, 0))
        return self._understand(text, house, room, now_ms=now_ms, zone=self._zone,
                                previous=previous if now_ms - when_ms < PREVIOUS_MS else None)

    def _said(self, command: Command, before: Before, now_ms: int) -> None:
        self._last[command.client] = before, now_ms
        if before.plan.steps:
            self._previous[command.client] = before.plan, now_ms

    def _before(self, command: Command, house: House, now_ms: int) -> Before | None:
        """The client's command before this one, if it is not too old."""
        known, when_ms = self._last.get(command.client, (None, 0))
        if known is not None:
            return known if now_ms - when_ms < PREVIOUS_MS else None
        for earlier in self._journal.recent_commands(command.client, HISTORY):
            if earlier.number == command.number or earlier.kind != "text" or earlier.plan is None:
                continue
            said = denial.in_english(earlier.text, house)
            if now_ms - earlier.t_ms >= PREVIOUS_MS or corrections.understand(
                    said, Before("", "", None, Plan(""), 0), house) is not None:
                return None
            said = tongues.read(earlier.text, house.spoken).text
            meant = self._memory.applied(said, earlier.room, house)
            plan = self._understand(meant.text, house, earlier.room, now_ms=earlier.t_ms, zone=self._zone)
            return Before(said, meant.text, earlier.room, plan, earlier.number, meant.whole)
        return None


def _about_memory(text: str) -> Heard | None:
    """ "What have you learned?", "forget what I said about the lamp"."""
    said = trimmed(phrases.tokens(phrases.clean(text)))
    whole = " ".join(token.word for token in said if token.word[0].isalnum())
    rows = table()["memory"]
    if whole in rows["told"]:
        return Heard(TOLD, Plan(text))
    if whole in rows["forget_all"]:
        return Heard(FORGET, Plan(text))
    length = phrases.phrase_at(said, 0, rows["forget"])
    skip = phrases.words("words.determiner") | phrases.words("words.polite") | phrases.words("words.preposition")
    hint = tuple(token.word for token in said[length:] if token.word[0].isalnum() and token.word not in skip)
    return Heard(FORGET, Plan(text), hint=hint) if length and hint else None

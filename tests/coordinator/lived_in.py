"""A house whose devices do what they are told, to talk to: the coordinator over invented Things, and their state."""

from __future__ import annotations

import copy
from typing import Any

from houses import HOME, KITS
from small_house import SITE, SmallHouse

from coordinator.cache import Plans
from firmware_py.core import topics
from firmware_py.core.messages import Report, Subtask

HOST = "all-pi"


def td(segment: str, title: str, kind: str, room: str, floor: str = "ground floor", **more: Any) -> dict[str, Any]:
    """A Thing Description."""
    actions, properties = KITS[kind]
    return {"id": f"urn:motewise:{segment}", "title": title, "@type": kind, "motewise:room": room,
            "motewise:floor": floor, "actions": actions, "properties": properties, **more}


class LivedIn(SmallHouse):
    """`state`: Thing -> what it was last told; `told`: (Thing, sentence) in order; `cannot`: Things that fail."""

    def __init__(self, **more: Any) -> None:
        self.state: dict[str, str] = {}
        self.told: list[tuple[str, str]] = []
        self.cannot: set[str] = set()
        self._earlier: dict[str, tuple[str, str | None]] = {}
        self._answered = 0
        self.tds = {row[0]: td(*row) for row in HOME}
        super().__init__(**{"planner": Plans(), "described": False, **more})

    def start(self) -> None:
        super().start()
        self.status(HOST, "ready", 1)
        for segment in self.tds:
            self.describe(segment)

    def describe(self, segment: str, **changes: Any) -> None:
        """A Thing comes, or says anew what it is."""
        self.tds[segment] = {**copy.deepcopy(self.tds[segment]), **changes}
        self.heard(topics.description(SITE, HOST, segment), self.tds[segment])

    def gone(self, segment: str) -> None:
        """A Thing leaves."""
        del self.tds[segment]
        self.heard(topics.description(SITE, HOST, segment), b"")

    def ask(self, text: str, room: str | None = None, client: str = "ann") -> dict[str, Any]:
        """Say something; what ends it: a result, or a question."""
        return self.until_ended(client, self.say(client, text=text, **({"room": room} if room else {}))[0]["id"])

    def answer(self, question: dict[str, Any], said: str, client: str = "ann") -> dict[str, Any]:
        """Answer a question by a label."""
        self.say(client, id=question["question"], answer=said)
        return self.until_ended(client, question["id"], question["question"])

    def confirm(self, question: dict[str, Any], client: str = "ann") -> dict[str, Any]:
        """Say yes to exactly that plan."""
        self.say(client, id=question["question"], confirm=question["plan"])
        return self.until_ended(client, question["id"], question["question"])

    def until_ended(self, client: str, command: str, asked: str = "") -> dict[str, Any]:
        """Let the devices do what they were told; the command's last word."""
        self.obey()
        ends = [reply for reply in self.replies(client) if reply["id"] == command
                and reply["kind"] in ("result", "question") and reply.get("question") != asked]
        return ends[-1] if ends else {}

    def obey(self) -> None:
        """The devices do every new subtask."""
        while self._answered < len(self.subtasks()):
            subtask = self.subtasks()[self._answered]
            topic = [topic for topic, _ in self.published if topic.endswith("/subtask")][self._answered]
            self._answered += 1
            self._do(topic.split("/")[-2], subtask)

    def _do(self, segment: str, subtask: Subtask) -> None:
        state, calls, reason, code = "done", None, None, None
        if segment in self.cannot:
            state, reason, code = "rejected", f"The {self.tds[segment]['title']} cannot do that.", "cannot"
        elif subtask.guard is not None:
            state = "armed"
        elif subtask.undo is not None:
            thing, before = self._earlier.get(subtask.undo, ("", None))
            if thing != segment or before is None:
                state, code = "rejected", "no_undo"
                reason = f"The {self.tds[segment]['title']} cannot go back by itself to what it was."
            else:
                self._earlier[subtask.id] = segment, self.state.get(segment, "off")
                self.state[segment] = before
                calls = [{"property": "on", "value": before == "on"}]
        else:
            self.told.append((segment, subtask.text))
            self._earlier[subtask.id] = segment, self.state.get(segment, "off")
            words = subtask.text.split()
            now = "off" if "off" in words else "on" if "on" in words else subtask.text
            self.state[segment] = now
            calls = [{"property": "on", "value": now != "off"}]
        empty = dict.fromkeys(Report._fields)
        report = Report(**{**empty, "id": subtask.id, "command": subtask.command, "state": state, "t_ms": self.now_ms,
                           "attempt": subtask.attempt, "calls": calls, "reason": reason, "code": code,
                           "rule": {"paused": False, "fired": 0} if state == "armed" else None})
        self.heard(topics.report(SITE, HOST, segment), report.payload())

    def lessons(self, client: str = "ann") -> list[dict[str, Any]]:
        """The rows of the query `memory`."""
        return next(reply for reply in reversed(self.say(client, query="memory")) if reply["kind"] == "rows")["rows"]

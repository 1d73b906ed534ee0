"""What the coordinator keeps: commands, steps, questions, replies and lessons in one SQLite file.

Rules: nothing leaves before it is here (`commit` returns after fsync); every change between two commits is one
transaction, so that a whole turn costs one fsync; `attempt()` undoes what one bad message began without losing the
rest of the turn. Rows are read back as frozen values. It does not decide anything."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from firmware_py.core.messages import TERMINAL
from firmware_py.host.durable import Durable, DurableError

SCHEMA_VERSION = 2
# States of a step before its device has said anything: waiting for a person, for a step before it, for a report.
HELD, WAITING, SENT = "held", "waiting", "sent"
# How many commands are remembered, and of each how many notices ("the rule has fired").
KEPT = 10_000
NOTICES_KEPT = 50
_TERMINAL = ", ".join(f"'{state}'" for state in TERMINAL)

_LESSON = """
CREATE TABLE lesson (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, said TEXT NOT NULL, room TEXT NOT NULL, meant TEXT NOT NULL,
    things TEXT NOT NULL, client TEXT NOT NULL, t_ms INTEGER NOT NULL, state TEXT NOT NULL, command INTEGER);
CREATE INDEX lesson_said ON lesson (said);
"""
_UPGRADES = {1: f"ALTER TABLE step ADD COLUMN undo TEXT; {_LESSON}"}
_SCHEMA = f"""
{_LESSON}
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE command (
    number INTEGER PRIMARY KEY, client TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    room TEXT, t_ms INTEGER NOT NULL, plan TEXT, rejected TEXT NOT NULL DEFAULT '[]',
    status TEXT, clarified INTEGER NOT NULL DEFAULT 0, payload TEXT, UNIQUE (client, id));
CREATE INDEX command_open ON command (client, kind) WHERE status IS NULL;
CREATE TABLE step (
    id TEXT PRIMARY KEY, command INTEGER NOT NULL REFERENCES command, name TEXT NOT NULL, thing TEXT NOT NULL,
    segment TEXT NOT NULL, host TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, guard TEXT,
    after TEXT NOT NULL, notify INTEGER NOT NULL, read INTEGER NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, deadline_ms INTEGER NOT NULL DEFAULT 0, grant_hash TEXT,
    ours INTEGER NOT NULL DEFAULT 0, stopping TEXT, report TEXT, rule TEXT, undo TEXT);
CREATE INDEX step_of_command ON step (command);
CREATE INDEX step_due ON step (deadline_ms) WHERE state IN ('sent', 'accepted', 'running') AND rule IS NULL;
CREATE INDEX step_open ON step (host) WHERE state NOT IN ({_TERMINAL});
CREATE TABLE question (
    number INTEGER PRIMARY KEY, command INTEGER NOT NULL REFERENCES command, client TEXT NOT NULL, type TEXT NOT NULL,
    text TEXT NOT NULL, choices TEXT NOT NULL, plan TEXT, expires_ms INTEGER NOT NULL, state TEXT NOT NULL,
    answer TEXT, wrong INTEGER NOT NULL DEFAULT 0);
CREATE INDEX question_open ON question (expires_ms) WHERE state = 'open';
CREATE TABLE reply (
    number INTEGER PRIMARY KEY, command INTEGER NOT NULL REFERENCES command, client TEXT NOT NULL,
    payload TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);
CREATE INDEX reply_of_command ON reply (command);
CREATE INDEX reply_open ON reply (number) WHERE delivered = 0;
"""


@dataclass(frozen=True)
class Command:
    """What a client asked. `kind`: text, cancel, pause or resume (`text` is then the target); `plan`: its hash;
    `status`: of the result, None while it is open; `clarified`: how
    often it was asked back; `payload`: as received, when the client gave it no id."""

    number: int
    client: str
    id: str
    kind: str
    text: str
    room: str | None
    t_ms: int
    plan: str | None = None
    rejected: tuple[dict[str, str], ...] = ()
    status: str | None = None
    clarified: int = 0
    payload: str | None = None


@dataclass(frozen=True)
class Step:
    """One subtask. `id`: on the wire; `name`: within its plan (s1, …); `after`: names of the steps that come first;
    `ours`: the terminal state is our verdict, not the device's word; `stopping`: a cancel, pause or resume that the
    device has not answered; `report`: its last; `rule`: facts of an armed rule; `undo`: the id of the step whose effect
    it takes back."""

    id: str
    command: int
    name: str
    thing: str
    segment: str
    host: str
    title: str
    text: str
    guard: dict[str, Any] | None = None
    after: tuple[str, ...] = ()
    notify: bool = False
    read: bool = False
    state: str = WAITING
    attempt: int = 1
    deadline_ms: int = 0
    grant_hash: str | None = None
    ours: bool = False
    stopping: str | None = None
    report: dict[str, Any] | None = None
    rule: dict[str, Any] | None = None
    undo: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.state in TERMINAL

    @property
    def settled(self) -> bool:
        """Whether the answer to the person need not wait for it any longer."""
        return self.ended or self.state == "armed" or (self.guard is not None and self.rule is not None)


@dataclass(frozen=True)
class Question:
    """What a client was asked. `type`: clarify or confirm; `choices`: (label, what it means)."""

    number: int
    command: int
    client: str
    type: str
    text: str
    choices: tuple[tuple[str, str], ...]
    plan: str | None
    expires_ms: int
    state: str = "open"
    answer: str | None = None
    wrong: int = 0

    @property
    def id(self) -> str:
        """As the person types it."""
        return f"q{self.number}"


@dataclass(frozen=True)
class Lesson:
    """What words mean in this house (memory.py). `kind`: name or sentence; `said`: the words; `room`: of the speaker,
    "" where none is told, "*" for all; `meant`: what they stand for, {0} and so on being `things`; `state`: learned,
    heard (not used yet), or pending: `command` taught it and has not come off yet."""

    number: int
    kind: str
    said: str
    room: str
    meant: str
    things: tuple[str, ...]
    client: str
    t_ms: int
    state: str = "pending"
    command: int | None = None

    @property
    def id(self) -> str:
        """As the person types it."""
        return f"m{self.number}"


Row = TypeVar("Row", Command, Step, Question, Lesson)
_JSON = frozenset(("rejected", "guard", "after", "choices", "report", "rule", "things"))
_TABLES = {Command: "command", Step: "step", Question: "question", Lesson: "lesson"}
_COLUMNS = {kind: tuple(item.name for item in fields(kind)) for kind in _TABLES}
_BOOLEANS = frozenset(("notify", "read", "ours"))


def _store(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _JSON and value is not None else value


def _load(name: str, value: Any) -> Any:
    if name in _JSON and value is not None:
        value = json.loads(value)
        if name == "choices":
            return tuple((label, meaning) for label, meaning in value)
        return tuple(value) if isinstance(value, list) else value
    return bool(value) if name in _BOOLEANS else value


class Journal(Durable):
    """One journal file; `token` names it in ids, so that a new journal never repeats an id of an old one."""

    def __init__(self, path: Path | str, token: str | None = None) -> None:
        super().__init__(path, "journal", _SCHEMA, SCHEMA_VERSION, _UPGRADES)
        try:
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('token', ?)", (token or secrets.token_hex(3),))
            self.token: str = self._db.execute("SELECT value FROM meta WHERE name = 'token'").fetchone()[0]
        except sqlite3.Error as error:
            raise DurableError(f"The journal {path} cannot be opened: {error}.") from None

    # -- rows -----------------------------------------------------------------------------------------------------

    def insert(self, row: Row) -> Row:
        """Add a row; a `number` of 0 becomes the next one."""
        self._begin()
        names = _COLUMNS[type(row)]
        values = {name: _store(name, getattr(row, name)) for name in names}
        if values.get("number") == 0:
            values["number"] = None
        marks = ", ".join(f":{name}" for name in names)
        cursor = self._db.execute(
            f"INSERT INTO {_TABLES[type(row)]} ({', '.join(names)}) VALUES ({marks})", values)
        if "number" in values and values["number"] is None:
            return type(row)(**{**row.__dict__, "number": cursor.lastrowid})
        return row

    def update(self, row: Row, **changes: Any) -> Row:
        """Change a row and return it changed."""
        self._begin()
        key = "id" if isinstance(row, Step) else "number"
        assignments = ", ".join(f"{name} = :{name}" for name in changes)
        values = {name: _store(name, value) for name, value in changes.items()}
        self._db.execute(f"UPDATE {_TABLES[type(row)]} SET {assignments} WHERE {key} = :_key",
                         {**values, "_key": getattr(row, key)})
        return type(row)(**{**row.__dict__, **changes})

    def _select(self, kind: type[Row], where: str, *values: Any) -> list[Row]:
        names = _COLUMNS[kind]
        rows = self._db.execute(f"SELECT {', '.join(names)} FROM {_TABLES[kind]} WHERE {where}", values)
        return [kind(**{name: _load(name, value) for name, value in zip(names, row, strict=True)}) for row in rows]

    def prune(self, kept: int = KEPT, notices: int = NOTICES_KEPT) -> None:
        """Forget all but the newest `kept` commands, and of each all but its newest `notices`; nothing that is open,
        and nothing that the broker does not have yet."""
        self._begin()
        old = self._db.execute(
            "SELECT number FROM command WHERE status IS NOT NULL "
            "AND number <= (SELECT max(number) FROM command) - :kept "
            f"AND number NOT IN (SELECT command FROM step WHERE state NOT IN ({_TERMINAL})) "
            "AND number NOT IN (SELECT command FROM question WHERE state = 'open') "
            "AND number NOT IN (SELECT command FROM reply WHERE delivered = 0)", {"kept": kept}).fetchall()
        for table, name in (("reply", "command"), ("question", "command"), ("step", "command"), ("command", "number")):
            self._db.executemany(f"DELETE FROM {table} WHERE {name} = ?", old)
        self._db.execute(
            "DELETE FROM reply WHERE delivered = 1 AND number IN (SELECT number FROM (SELECT number, row_number() OVER "
            "(PARTITION BY command ORDER BY number DESC) AS place FROM reply WHERE payload LIKE ?) WHERE place > ?)",
            ('{"kind":"progress"%', notices))

    def wrong_pins(self, client: str, since_ms: int) -> int:
        """How often the client gave a wrong PIN to questions that were open at `since_ms` or later."""
        return int(self._db.execute("SELECT coalesce(sum(wrong), 0) FROM question WHERE client = ? AND expires_ms >= ?",
                                    (client, since_ms)).fetchone()[0])

    def command(self, number: int) -> Command:
        """The command of that number."""
        return self._select(Command, "number = ?", number)[0]

    def command_of(self, client: str, command_id: str) -> Command | None:
        """The client's command of that id, or None."""
        found = self._select(Command, "client = ? AND id = ?", client, command_id)
        return found[0] if found else None

    def command_with(self, client: str, payload: str, since_ms: int) -> Command | None:
        """The client's last command without an id of its own that was exactly this message, or None."""
        found = self._select(Command, "client = ? AND payload = ? AND t_ms >= ? ORDER BY number DESC LIMIT 1",
                             client, payload, since_ms)
        return found[0] if found else None

    def open_commands(self) -> list[Command]:
        """Commands without a result, oldest first."""
        return self._select(Command, "status IS NULL ORDER BY number")

    def open_controls(self) -> list[Command]:
        """Cancels, pauses and resumes without a result."""
        return self._select(Command, "status IS NULL AND kind <> 'text' ORDER BY number")

    def open_commands_of(self, client: str) -> int:
        """How many commands of the client have no result yet."""
        return int(self._db.execute(
            "SELECT count(*) FROM command WHERE client = ? AND status IS NULL", (client,)).fetchone()[0])

    def recent_commands(self, client: str, limit: int) -> list[Command]:
        """The client's last commands, newest first."""
        return self._select(Command, "client = ? ORDER BY number DESC LIMIT ?", client, limit)

    def next_number(self) -> int:
        """The number that the next command will have."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM command").fetchone()[0])

    def step(self, step_id: str) -> Step | None:
        """The step of that id, or None."""
        found = self._select(Step, "id = ?", step_id)
        return found[0] if found else None

    def steps_of(self, command: int) -> list[Step]:
        """The steps of a command in the order of its plan."""
        return self._select(Step, "command = ? ORDER BY rowid", command)

    def open_steps(self, host: str | None = None) -> list[Step]:
        """Steps that have not ended, of one host or of all, oldest first."""
        if host is None:
            return self._select(Step, f"state NOT IN ({_TERMINAL}) ORDER BY rowid")
        return self._select(Step, f"host = ? AND state NOT IN ({_TERMINAL}) ORDER BY rowid", host)

    def overdue_steps(self, now_ms: int) -> list[Step]:
        """Steps on their way whose deadline was before `now_ms`."""
        return self._select(Step, "state IN ('sent', 'accepted', 'running') AND rule IS NULL AND deadline_ms < ? "
                                  "ORDER BY rowid", now_ms)

    def rules(self) -> list[Step]:
        """Steps that stay armed."""
        return self._select(Step, f"rule IS NOT NULL AND state NOT IN ({_TERMINAL}) ORDER BY rowid")

    def question(self, number: int) -> Question | None:
        """The question of that number, or None."""
        found = self._select(Question, "number = ?", number)
        return found[0] if found else None

    def open_questions(self, command: int | None = None) -> list[Question]:
        """Questions that wait for an answer, of one command or of all."""
        if command is None:
            return self._select(Question, "state = 'open' ORDER BY number")
        return self._select(Question, "command = ? AND state = 'open' ORDER BY number", command)

    def lessons(self, *states: str) -> list[Lesson]:
        """The lessons in these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return self._select(Lesson, f"state IN ({marks}) ORDER BY number", *states)

    def lessons_of(self, command: int) -> list[Lesson]:
        """What a command teaches, if it comes off."""
        return self._select(Lesson, "command = ? AND state = 'pending'", command)

    def forget(self, lesson: Lesson) -> None:
        """Delete a lesson, its bytes in the file included."""
        self._begin()
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute("DELETE FROM lesson WHERE number = ?", (lesson.number,))
        self._db.execute("PRAGMA secure_delete=OFF")

    def keep_reply(self, command: Command, payload: dict[str, Any]) -> int:
        """Keep a reply; its number, for `delivered`."""
        self._begin()
        text = json.dumps(payload, separators=(",", ":"))
        cursor = self._db.execute("INSERT INTO reply (command, client, payload) VALUES (?, ?, ?)",
                                  (command.number, command.client, text))
        return int(cursor.lastrowid or 0)

    def replies_of(self, command: int) -> list[tuple[int, str]]:
        """(number, payload) of the replies kept for a command, in order."""
        return self._db.execute(
            "SELECT number, payload FROM reply WHERE command = ? ORDER BY number", (command,)).fetchall()

    def undelivered(self) -> list[tuple[int, str, str]]:
        """(number, client, payload) of replies that the broker has not acknowledged."""
        return self._db.execute(
            "SELECT number, client, payload FROM reply WHERE delivered = 0 ORDER BY number").fetchall()

    def delivered(self, number: int) -> None:
        """The broker has the reply. Joins the next transaction; one that is lost only repeats a reply."""
        self._begin()
        self._db.execute("UPDATE reply SET delivered = 1 WHERE number = ?", (number,))

"""What a host remembers: its subtasks with their Programs, in one SQLite file.

Rules: nothing acts and nothing is said before it is here (`commit` returns after fsync); every change between two
commits is one transaction, so that a turn costs one fsync; `attempt()` undoes what one bad message began. Rows are
read back as frozen values. It does not decide anything."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from firmware_py.core.messages import TERMINAL, Report, Subtask
from firmware_py.host.durable import Durable

SCHEMA_VERSION = 1
# How many ended subtasks are remembered, so that one that comes again is answered and not done again.
KEPT = 10_000
_ENDED = ", ".join(f"'{state}'" for state in TERMINAL)

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE task (
    number INTEGER PRIMARY KEY, thing TEXT NOT NULL, id TEXT NOT NULL, attempt INTEGER NOT NULL,
    subtask TEXT NOT NULL, state TEXT NOT NULL, report TEXT NOT NULL, told INTEGER NOT NULL, program TEXT,
    at TEXT, intent TEXT, watch TEXT, rule TEXT, made TEXT NOT NULL, UNIQUE (thing, id));
CREATE INDEX task_state ON task (state);
CREATE INDEX task_untold ON task (told) WHERE told = 0;
"""


@dataclass(frozen=True)
class Made:
    """What a Program has done since it began or was armed. `undo`: state name -> the call that takes it back; `before`:
    the Thing's properties before the first call."""

    calls: tuple[dict[str, Any], ...] = ()
    reads: tuple[dict[str, Any], ...] = ()
    undo: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    code: str | None = None
    ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One subtask of one Thing. `thing`: topic segment; `report`: the last one, as said or about to be said; `told`:
    the broker has it; `at`: the Program's state; `intent`: a step that may have begun, and whose outcome is not known
    yet; `watch`: saved state of its guard; `rule`: facts of a guarded one."""

    number: int
    thing: str
    id: str
    attempt: int
    subtask: Subtask
    state: str
    report: Report
    told: bool = False
    program: dict[str, Any] | None = None
    at: str | None = None
    intent: dict[str, Any] | None = None
    watch: dict[str, Any] | None = None
    rule: dict[str, Any] | None = None
    made: Made = Made()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in TERMINAL

    @property
    def key(self) -> tuple[str, str]:
        """(Thing, id)."""
        return self.thing, self.id


_NAMES = [item.name for item in fields(Task)]
_PLAIN = frozenset(("program", "intent", "watch", "rule"))


def _stored(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ("subtask", "report"):
        return value.payload().decode()
    if name == "made":
        return json.dumps({key: inner for key, inner in vars(value).items() if inner})
    return json.dumps(value) if name in _PLAIN else value


def _loaded(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "subtask":
        return Subtask.parse(value.encode())
    if name == "report":
        return Report.parse(value.encode())
    if name == "made":
        found = json.loads(value)
        return Made(**{**found, "calls": tuple(found.get("calls", ())), "reads": tuple(found.get("reads", ()))})
    return json.loads(value) if name in _PLAIN else bool(value) if name == "told" else value


class Store(Durable):
    """One store file."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(path, "store", _SCHEMA, SCHEMA_VERSION)

    # -- facts about the host ---------------------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """A fact, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact: `epoch`, `clock_ms` (the highest wall time that was seen), `zone`."""
        self._begin()
        self._db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                         (name, value))

    # -- subtasks -----------------------------------------------------------------------------------------------------

    def put(self, task: Task) -> Task:
        """Write a task; one of `number` 0 is new, or takes the place of an earlier attempt."""
        self._begin()
        values = {name: _stored(name, getattr(task, name)) for name in _NAMES}
        if task.number:
            assignments = ", ".join(f"{name} = :{name}" for name in _NAMES if name != "number")
            self._db.execute(f"UPDATE task SET {assignments} WHERE number = :number", values)
            return task
        values["number"] = None
        marks = ", ".join(f":{name}" for name in _NAMES)
        cursor = self._db.execute(f"INSERT OR REPLACE INTO task ({', '.join(_NAMES)}) VALUES ({marks})", values)
        return replace(task, number=int(cursor.lastrowid or 0))

    def _select(self, where: str, *values: Any) -> list[Task]:
        rows = self._db.execute(f"SELECT {', '.join(_NAMES)} FROM task WHERE {where}", values)
        return [Task(**{name: _loaded(name, value) for name, value in zip(_NAMES, row, strict=True)}) for row in rows]

    def task(self, thing: str, task_id: str) -> Task | None:
        """The task of that id, or None."""
        found = self._select("thing = ? AND id = ?", thing, task_id)
        return found[0] if found else None

    def acted_after(self, task: Task) -> bool:
        """Whether a later task of the same Thing has called anything."""
        later = self._select("thing = ? AND number > ? AND made LIKE '%\"calls\"%'", task.thing, task.number)
        return any(other.made.calls for other in later)

    def open_tasks(self) -> list[Task]:
        """Tasks that have not ended, oldest first."""
        return self._select(f"state NOT IN ({_ENDED}) ORDER BY number")

    def untold(self) -> list[Task]:
        """Tasks whose last report the broker has not acknowledged."""
        return self._select("told = 0 ORDER BY number")

    def recent(self, since_ms: int) -> list[Task]:
        """Tasks whose last report is not older than `since_ms`, and all that are open."""
        return [task for task in self._select(f"state NOT IN ({_ENDED}) OR number > "
                                              "(SELECT coalesce(max(number), 0) FROM task) - 100 ORDER BY number")
                if not task.ended or task.report.t_ms >= since_ms]

    def told(self, thing: str, task_id: str, report: Report) -> None:
        """The broker has this report. Joins the next transaction; one that is lost only repeats a report."""
        self._begin()
        self._db.execute("UPDATE task SET told = 1 WHERE thing = ? AND id = ? AND report = ?",
                         (thing, task_id, _stored("report", report)))

    def prune(self, kept: int = KEPT) -> None:
        """Forget all but the newest `kept` ended tasks."""
        self._begin()
        self._db.execute(f"DELETE FROM task WHERE state IN ({_ENDED}) AND told = 1 AND number NOT IN "
                         f"(SELECT number FROM task WHERE state IN ({_ENDED}) ORDER BY number DESC LIMIT ?)", (kept,))

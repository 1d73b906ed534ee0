"""An SQLite file that is on disk when it says so: what the coordinator's journal and the agent's store share.

Rules: WAL with synchronous=FULL; one transaction a turn, begun by its first write and ended by `commit`; what one
message wrote can be taken back alone (`attempt`). It does not know what its tables mean."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from firmware_py.core.errors import LocalError


class DurableError(LocalError):
    """A file that cannot be opened or written."""


class Durable:
    """One file. `what`: its name in sentences; `schema`: the statements that make its tables; `version`: of the schema;
    `upgrades`: an older version -> the statements that make it the next one. DurableError if it cannot be opened, or
    a version of Motewise that is not known wrote it."""

    def __init__(
        self, path: Path | str, what: str, schema: str, version: int, upgrades: Mapping[int, str] | None = None
    ) -> None:
        self._what = what
        self._turn = 0
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0:
                self._db.executescript(f"BEGIN; {schema} PRAGMA user_version={version}; COMMIT")
                found = version
            while upgrades and found in upgrades:
                self._db.executescript(f"BEGIN; {upgrades[found]} PRAGMA user_version={found + 1}; COMMIT")
                found += 1
        except sqlite3.Error as error:
            raise DurableError(f"The {what} {path} cannot be opened: {error}.") from None
        if found != version:
            raise DurableError(f"The {what} {path} was written by another version of Motewise (format {found}).")

    def close(self) -> None:
        """Commit and close."""
        self.commit()
        self._db.close()

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return self._db.in_transaction

    def commit(self) -> None:
        """Everything so far is on disk when this returns, else DurableError."""
        try:
            if self._db.in_transaction:
                self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise DurableError(f"The {self._what} cannot be written: {error}.") from None

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the body wrote if it raises."""
        self._begin()
        self._db.execute("SAVEPOINT message")
        changes = self._db.total_changes
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO message")
            self._db.execute("RELEASE message")
            raise
        self._db.execute("RELEASE message")
        if self._db.total_changes == changes == self._turn:
            self._db.execute("ROLLBACK")  # an empty transaction need not cost an fsync

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
            self._turn = self._db.total_changes

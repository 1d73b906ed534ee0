"""What of the present a plan leaned on, noted while it is made: the time, or what was said before.

Rules: whoever looks at a watched value leaves a note; a value that is only handed on does not. A plan without notes
holds whenever the same words are said in the same house (cache.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, SupportsIndex, overload

from coordinator.house import Facts
from coordinator.times import Now

TIME, TALK = "time", "talk"


class Present:
    """The notes of one plan."""

    def __init__(self) -> None:
        self.leans: set[str] = set()

    def now(self, ms: int | None, zone: str) -> Now:
        """The time, watched; the zone is the house's and does not pass."""
        return _Now(self.leans, ms, zone)

    def things(self, meant: Iterable[Facts]) -> tuple[Facts, ...]:
        """Things meant before, watched."""
        return _Things(self.leans, meant)

    def ids(self, mentioned: Iterable[str]) -> frozenset[str]:
        """Ids of Things mentioned before, watched."""
        return _Ids(self.leans, mentioned)

    def playing(self, ids: Iterable[str]) -> frozenset[str]:
        """Ids of Things that play now, watched: they pass as the time does."""
        return _Ids(self.leans, ids, TIME)


class _Now(Now):
    def __init__(self, leans: set[str], ms: int | None, zone: str) -> None:
        super().__init__(ms, zone)
        object.__setattr__(self, "_leans", leans)

    def __getattribute__(self, name: str) -> Any:
        if name == "ms":
            object.__getattribute__(self, "_leans").add(TIME)
        return super().__getattribute__(name)


class _Things(tuple[Facts, ...]):
    """A tuple that notes every look into it, its length included."""

    leans: set[str]

    def __new__(cls, leans: set[str], meant: Iterable[Facts]) -> _Things:
        if isinstance(meant, _Things):
            meant = tuple.__iter__(meant)
        made = super().__new__(cls, meant)
        made.leans = leans
        return made

    def __iter__(self) -> Iterator[Facts]:
        self.leans.add(TALK)
        return super().__iter__()

    def __len__(self) -> int:
        self.leans.add(TALK)
        return super().__len__()

    def __contains__(self, item: object) -> bool:
        self.leans.add(TALK)
        return super().__contains__(item)

    @overload
    def __getitem__(self, at: SupportsIndex) -> Facts: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Facts, ...]: ...
    def __getitem__(self, at: Any) -> Any:
        self.leans.add(TALK)
        return super().__getitem__(at)

    def after(self, nearer: Iterable[Facts]) -> _Things:
        """These behind `nearer`, each once, without a look."""
        return _Things(self.leans, dict.fromkeys((*nearer, *tuple.__iter__(self))))


class _Ids(frozenset[str]):
    leans: set[str]
    note: str

    def __new__(cls, leans: set[str], ids: Iterable[str], note: str = TALK) -> _Ids:
        made = super().__new__(cls, ids)
        made.leans, made.note = leans, note
        return made

    def __iter__(self) -> Iterator[str]:
        self.leans.add(self.note)
        return super().__iter__()

    def __len__(self) -> int:
        self.leans.add(self.note)
        return super().__len__()

    def __contains__(self, item: object) -> bool:
        self.leans.add(self.note)
        return super().__contains__(item)


def behind(nearer: Iterable[Facts], meant: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """`meant` behind `nearer`, each once; watched if `meant` is."""
    return meant.after(nearer) if isinstance(meant, _Things) else tuple(dict.fromkeys((*nearer, *meant)))

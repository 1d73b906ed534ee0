"""Armed guards: who watches what, and which of them fires now.

Rules: a guard is watched by `firmware_py.core.guards.Watch`; values of this host's own Things come straight from here,
others over the wire; a value of a host that is lost counts for nothing; while our own line is down we know nothing of
other hosts, and what the broker saved for us meanwhile is old. What is unknown is told only after it stayed so for a
while. It does not act or report."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from firmware_py.core import guards, topics

log = logging.getLogger(__name__)

Key = tuple[str, str]
Source = tuple[str, str, str]  # host, Thing segment, property
# A source that is away for less long than this is nobody's business.
UNKNOWN_S = 5.0
# Our line is or was down, and the host has not said since how it is.
UNHEARD = "unheard"
AWAY = ("lost", "stopped", UNHEARD)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def next_daily(zone: ZoneInfo, at: str, days: Sequence[str] | None, after_ms: int) -> int:
    """Unix milliseconds of the next local "HH:MM" (on one of `days`) strictly after `after_ms`.

    A time that the clock skips in spring is the moment an hour on; one that comes twice in autumn is the first."""
    hour, minute = (int(part) for part in at.split(":"))
    day = datetime.datetime.fromtimestamp(after_ms / 1000, zone).date()
    for _ in range(9):
        if not days or _DAYS[day.weekday()] in days:
            moment = datetime.datetime.combine(day, datetime.time(hour, minute), zone)
            t_ms = int(moment.timestamp() * 1000)
            if t_ms > after_ms:
                return t_ms
        day += datetime.timedelta(days=1)
    raise ValueError(f"No day of {days} comes within a week.")


@dataclass
class Armed:
    """One guard that is watched."""

    watch: guards.Watch
    sources: list[tuple[str | None, str, str, str]]  # host, Thing id, Thing segment, property
    paused: bool = False
    unknown_since: float | None = None
    busy: bool = False  # its Program is at work; it is asked again when it waits again


@dataclass
class _Seen:
    value: Any
    t_ms: int


@dataclass
class Rules:
    """Every armed guard of one host. Times: `now_ms` wall clock, `mono_ms` monotonic. `zone` may be changed: guards ask
    for their next local moment at every look."""

    site: str
    host: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def __post_init__(self) -> None:
        self._armed: dict[Key, Armed] = {}
        self._seen: dict[Source, _Seen] = {}
        self._hosts: dict[str, str] = {}
        self._epochs: dict[str, int] = {}
        self._early: dict[Source, tuple[Any, int, int]] = {}  # retained values that came before their host's status

    def __contains__(self, key: Key) -> bool:
        return key in self._armed

    def _next_daily(self, at: str, days: Sequence[str] | None, after_ms: int) -> int:
        return next_daily(self.zone, at, days, after_ms)

    # -- what is watched ------------------------------------------------------------------------------------------

    def arm(self, key: Key, spec: dict[str, Any], now_ms: int, mono_ms: int, saved: Any = None,
            paused: bool = False) -> None:
        """Watch a guard from now on, going on from what was `saved`."""
        watch = guards.Watch(spec, now_ms, mono_ms, self._next_daily, saved)
        sources = [(host, thing, topics.thing_segment(thing), name) for host, thing, name in guards.sources(spec)]
        armed = self._armed[key] = Armed(watch, sources, paused)
        for host, state in self._hosts.items():
            if state in AWAY:
                watch.lost(host)
        for (host, segment, name), seen in self._seen.items():
            self._tell(armed, host, segment, name, seen, True, now_ms, mono_ms)

    def disarm(self, key: Key) -> None:
        """Watch it no more."""
        self._armed.pop(key, None)
        wanted = set(self._sources())
        for source in [source for source in self._seen if source[0] != self.host
                       and not {source, (None, *source[1:])} & wanted]:
            del self._seen[source]

    def _sources(self) -> Iterator[tuple[str | None, str, str]]:
        for armed in self._armed.values():
            for host, _, segment, name in armed.sources:
                yield host, segment, name

    def filters(self) -> list[str]:
        """What must be subscribed to now: hosts before their properties, so that a lost one is known to be."""
        others = [source for source in dict.fromkeys(self._sources()) if source[0] != self.host]
        hosts = dict.fromkeys(topics.status(self.site, host or "+") for host, _, _ in others)
        return [*hosts, *dict.fromkeys(topics.prop(self.site, host or "+", segment, name)
                                       for host, segment, name in others)]

    # -- what comes in --------------------------------------------------------------------------------------------

    def saw(self, host: str, segment: str, name: str, value: Any, t_ms: int, epoch: int, retained: bool, now_ms: int,
            mono_ms: int) -> bool:
        """A property has a value; whether any guard watches it. What a host said before it last started is dropped."""
        if self._hosts.get(host) in AWAY or epoch < self._epochs.get(host, epoch):
            if retained and self._hosts.get(host) == UNHEARD:
                self._early[host, segment, name] = value, t_ms, epoch
            return True
        seen = self._seen[host, segment, name] = _Seen(value, t_ms)
        told = [self._tell(armed, host, segment, name, seen, retained, now_ms, mono_ms)
                for armed in self._armed.values()]
        if not any(told) and host != self.host:
            del self._seen[host, segment, name]
        return any(told)

    def _tell(self, armed: Armed, host: str, segment: str, name: str, seen: _Seen, retained: bool, now_ms: int,
              mono_ms: int) -> bool:
        told = False
        for wanted, thing, place, prop in armed.sources:
            if (place, prop) == (segment, name) and wanted in (None, host):
                armed.watch.saw(host, thing, name, seen.value, seen.t_ms, retained, now_ms, mono_ms)
                told = True
        return told

    def status(self, host: str, state: str, epoch: int, now_ms: int, mono_ms: int) -> None:
        """A host says how it is. One that is away, or has started again, is lost until it tells new values."""
        if state in AWAY or epoch > self._epochs.get(host, epoch):
            self._lose(host)
        self._hosts[host], self._epochs[host] = state, epoch
        if state not in AWAY:
            for armed in self._armed.values():
                armed.watch.ready(host)
        for source in [source for source in self._early if source[0] == host]:
            value, t_ms, told = self._early.pop(source)
            self.saw(*source, value, t_ms, told, True, now_ms, mono_ms)

    def cut_off(self) -> None:
        """Our own line is or was down: nothing is known of other hosts until they say (again) how they are."""
        watched = {host for host, _, _ in self._sources() if host is not None}
        for host in ({source[0] for source in self._seen} | set(self._hosts) | watched) - {self.host}:
            self._lose(host)
            self._hosts[host] = UNHEARD
        self._early.clear()

    def _lose(self, host: str) -> None:
        for source in [source for source in self._seen if source[0] == host]:
            del self._seen[source]
        for armed in self._armed.values():
            armed.watch.lost(host)

    # -- what comes of it -----------------------------------------------------------------------------------------

    def pause(self, key: Key, paused: bool) -> None:
        """Let a rule rest, or watch again. What happens while it rests is not made up for."""
        if key in self._armed:  # else it is not yet so far
            self._armed[key].paused = paused

    def busy(self, key: Key, busy: bool) -> None:
        """Its Program is at work, or waits again."""
        if key in self._armed:
            self._armed[key].busy = busy

    def due(self, now_ms: int, mono_ms: int) -> list[Key]:
        """The rules that fire now."""
        fired = []
        for key, armed in self._armed.items():
            if armed.busy:
                continue
            if armed.paused:
                armed.watch.skip(now_ms, mono_ms)
            elif armed.watch.poll(now_ms, mono_ms):
                fired.append(key)
        return fired

    def missed(self) -> list[Key]:
        """Rules whose last moment has passed without a firing."""
        return [key for key, armed in self._armed.items() if armed.watch.missed and not armed.busy]

    def saved(self, key: Key) -> Any:
        """What must be kept of a guard."""
        return self._armed[key].watch.saved()

    @property
    def armed(self) -> list[Key]:
        """Every guard that is watched."""
        return list(self._armed)

    def unknown(self, key: Key, now_ms: int, mono_ms: int) -> list[str] | None:
        """"thing/property" that have been unknown for long enough to be told; None while that is not yet clear."""
        armed = self._armed[key]
        found: list[str] = armed.watch.unknown(now_ms, mono_ms)
        if not found:
            armed.unknown_since = None
            return []
        if armed.unknown_since is None:
            armed.unknown_since = mono_ms
        return list(found) if mono_ms - armed.unknown_since >= UNKNOWN_S * 1000 else None

    def next_mono_ms(self, now_ms: int, mono_ms: int) -> float | None:
        """When to look again at the latest."""
        moments: list[float] = []
        for armed in self._armed.values():
            if not armed.busy and (due := armed.watch.next_mono_ms(now_ms, mono_ms)) is not None:
                moments.append(due)
            if armed.unknown_since is not None and mono_ms - armed.unknown_since < UNKNOWN_S * 1000:
                moments.append(armed.unknown_since + UNKNOWN_S * 1000)
        return min(moments, default=None)


def facts(**more: Any) -> dict[str, Any]:
    """The facts of a rule as they are reported."""
    return {"paused": False, "fired": 0, "last_fired_ms": None, "unknown": [], "conflicts": [], **more}


def why_unknown(unknown: Sequence[str]) -> str:
    """One sentence for the owner."""
    named = " and ".join(source.rpartition(":")[2] for source in unknown)
    return f"Nothing is heard of {named}." if unknown else ""

"""Types of guards.py for checkers; the board never sees this file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

DEPTH_MAX: int
LEAVES_MAX: int
VALUE_MAX: int
SECONDS_MAX: int
AT_MS_MAX: int
DAYS: tuple[str, ...]
LATE_MS: int
WALL_LOOK_MS: int
APART_MS: int
BACK_MS: int
OPS: tuple[str, ...]

NextDaily = Callable[[str, Sequence[str] | None, int], int]

def check(spec: Any) -> dict[str, Any]: ...
def leaves(spec: Mapping[str, Any]) -> list[dict[str, Any]]: ...
def sources(spec: Mapping[str, Any]) -> list[tuple[str | None, str, str]]: ...
def explain(spec: Mapping[str, Any]) -> str: ...

class Watch:
    missed: bool
    def __init__(
        self,
        spec: Mapping[str, Any],
        now_ms: int,
        mono_ms: float,
        next_daily: NextDaily,
        saved: Mapping[str, Any] | None = None,
    ) -> None: ...
    def saw(
        self,
        host: str,
        thing: str,
        name: str,
        value: Any,
        t_ms: int,
        retained: bool,
        now_ms: int,
        mono_ms: float,
    ) -> None: ...
    def lost(self, host: str) -> None: ...
    def ready(self, host: str) -> None: ...
    def state(self, now_ms: int, mono_ms: float) -> bool | None: ...
    def unknown(self, now_ms: int, mono_ms: float) -> list[str]: ...
    def poll(self, now_ms: int, mono_ms: float) -> bool: ...
    def skip(self, now_ms: int, mono_ms: float) -> None: ...
    def next_mono_ms(self, now_ms: int, mono_ms: float) -> float | None: ...
    def saved(self) -> dict[str, Any]: ...

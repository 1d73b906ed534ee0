"""What the demo shows of one scene: the order, the plan with each device's sentence, the devices' state machines as
they step, and the answers. It only draws what it is told; it judges nothing."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.audience import Heard, Row

COLOURS = {"done": "green", "armed": "cyan", "failed": "red", "rejected": "yellow", "unknown": "red",
           "cancelled": "yellow", "expired": "yellow"}


class Scene:
    """One scene, drawn. Feed it replies and reports; `render` shows the present state."""

    def __init__(self, number: int, total: int, covers: str) -> None:
        self._title = Text.assemble((f"{number}/{total} ", "dim"), (covers, "bold"))
        self._lines: list[Text] = []
        self._plans: dict[str, list[Row]] = {}  # order -> its plan
        self._spoken: dict[int, str] = {}  # after so many lines the plan of this order is drawn
        self._early: list[Heard] = []  # reports that overtook the plan

    def said(self, order: str, text: str) -> None:
        """A person gave an order."""
        self._plans[order] = []
        self._lines.append(Text.assemble(("you      ", "dim"), (text, "bold cyan")))
        self._spoken[len(self._lines)] = order

    def note(self, text: str) -> None:
        """Something happened in the world."""
        self._lines.append(Text.assemble(("world    ", "dim"), (text, "magenta")))

    def replied(self, reply: dict[str, Any]) -> None:
        """The coordinator replied."""
        rows = self._plans.get(str(reply.get("id")))
        if rows is None:
            return
        if reply["kind"] == "plan":
            for step in reply.get("steps", ()):
                if not any(row.step == step["id"] for row in rows):
                    thing = str(step.get("thing", "")).split(":")[-1]
                    rows.append(Row(step["id"], thing, step.get("text", ""), in_words(step.get("guard"))))
            early, self._early = self._early, []
            for heard in early:
                self.reported(heard)
        elif reply["kind"] == "question":
            choices = " / ".join(f"{number} {choice}" for number, choice in enumerate(reply.get("choices", ()), 1))
            self._answer("asks     ", reply["text"] + (f"  [{choices}]" if choices else ""), "yellow")
        elif reply["kind"] == "result":
            self._answer("answer   ", reply.get("reply", ""), "green" if reply.get("status") == "ok" else "yellow")
        elif reply["kind"] == "error":
            self._answer("answer   ", reply.get("reason", ""), "red")

    def _answer(self, who: str, text: str, colour: str) -> None:
        line = Text.assemble((who, "dim"), (text, colour))
        if not self._lines or self._lines[-1] != line:
            self._lines.append(line)

    def reported(self, heard: Heard) -> None:
        """A device's state machine stepped."""
        report = heard.report
        row = self._row(heard)
        if row is None:
            self._early.append(heard)
            return
        shown = report.step if report.state == "running" and report.step else report.state
        if not row.path or row.path[-1] != shown:
            row.path.append(shown)
        if report.calls and report.state == "done":
            row.did = ", ".join(call_in_words(call) for call in report.calls)
        elif report.reads and report.state == "done":
            row.did = ", ".join(f"{read['property']} is {read['value']}" for read in report.reads)
        row.reason = report.reason or row.reason

    def _row(self, heard: Heard) -> Row | None:
        report = heard.report
        every = [row for rows in self._plans.values() for row in rows]
        for row in every:
            if row.subtask == report.id:
                return row
        for row in every:
            if row.thing == heard.thing and row.subtask is None:
                row.subtask = report.id
                return row
        return None

    def render(self) -> RenderableType:
        """The scene as it stands."""
        parts: list[RenderableType] = [self._title]
        for number, line in enumerate(self._lines, 1):
            parts.append(Padding(line, (0, 0, 0, 2)))
            if rows := self._plans.get(self._spoken.get(number, "")):
                parts.append(Padding(_machines(rows), (0, 0, 0, 4)))
        return Group(*parts, Text(""))


def _machines(rows: list[Row]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        path = Text(" → ").join(Text(word, COLOURS.get(word, "")) for word in row.path or ("sent",))
        sentence = f"“{row.text}”" + (f" when {row.guard}" if row.guard else "")
        table.add_row(Text(row.step, "dim"), Text(row.thing, "bold"), sentence, path,
                      Text(row.did or row.reason, "dim"))
    return table


def call_in_words(call: dict[str, Any]) -> str:
    """`{"action": "set", "input": {"to": 3}}` -> `set(to=3)`; `{"property": "on", "value": true}` -> `on = true`."""
    if "action" in call:
        given = call.get("input")
        if isinstance(given, dict):
            return f"{call['action']}({', '.join(f'{name}={value}' for name, value in given.items())})"
        return f"{call['action']}({'' if given is None else given})"
    return f"{call['property']} = {call.get('value')}"


SIGNS = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}


def in_words(guard: dict[str, Any] | None) -> str:
    """A guard on one line."""
    if not guard:
        return ""
    for word in ("all", "any"):
        if word in guard:
            return (" and " if word == "all" else " or ").join(in_words(inner) for inner in guard[word])
    if "every_s" in guard:
        return f"every {guard['every_s']} s"
    if "at" in guard:
        return f"it is {guard['at']}" + (f" on {', '.join(guard['days'])}" if guard.get("days") else "")
    if "at_ms" in guard:
        return "the moment comes"
    thing = str(guard.get("thing", "")).split(":")[-1]
    held = f" for {guard['for_s']} s" if guard.get("for_s") else ""
    return f"{thing}.{guard.get('property')} {SIGNS.get(guard.get('op', ''), '?')} {guard.get('value')}{held}"

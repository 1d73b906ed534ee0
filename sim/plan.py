"""`motewise plan`: sentences in, one JSON line per command out; no broker, nothing acts.

The whole understanding path of coordinator and devices with one language model; the records are made in planning.py."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from coordinator import cache
from coordinator.cache import Plans
from coordinator.plan import House
from device_agent import recall
from device_agent.cli import (
    Escalate,
    EscalateBelow,
    LargerModel,
    LargerOutside,
    LargerUrl,
    ModelFile,
    ModelUrl,
    asked,
)
from device_agent.escalate import BELOW, Settings
from device_agent.recall import Recall
from device_agent.understand import Understanding, understand
from firmware_py.host.clock import SystemClock
from firmware_py.host.settings import check_zone
from models.language.brain import Brain
from ontology.description import Thing
from sim.planning import Command, InputError, State, read_commands, read_state, read_things, record, refused

log = logging.getLogger(__name__)

NoCache = Annotated[bool, typer.Option("--no-cache", help="Understand every sentence anew, as if it were the first.")]


def register(app: typer.Typer) -> None:
    """Add `motewise plan`."""
    app.command("plan")(plan)


def plan(
    things: Annotated[Path, typer.Option(help="JSON array of Thing Descriptions.")],
    text: Annotated[str | None, typer.Argument(help="One command; or give --commands.")] = None,
    state: Annotated[Path | None, typer.Option(help="JSON: {thing id: {property: value}}.")] = None,
    commands: Annotated[Path | None, typer.Option(help="JSON lines: {id, text, room?}.")] = None,
    room: Annotated[str | None, typer.Option(help="Where the speaker of TEXT is.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the house.")] = "UTC",
    model: ModelFile = None,
    model_url: ModelUrl = None,
    larger_model: LargerModel = None,
    larger_url: LargerUrl = None,
    escalate: Escalate = False,
    escalate_below: EscalateBelow = BELOW,
    larger_outside: LargerOutside = False,
    no_cache: NoCache = False,
) -> None:
    """Show what a command would do: the calls, reads, guards and refusals, without doing any of it."""
    if (text is None) == (commands is None):
        raise InputError("Give one command as text, or a file with --commands.")
    check_zone(zone)
    house = read_things(things)
    known = read_state(state) if state is not None else {}
    said = read_commands(commands) if commands is not None else [Command("1", text or "", room)]
    larger = asked(larger_model, larger_url, escalate, escalate_below, larger_outside)
    asyncio.run(_plan(said, house, known, zone, model, model_url, larger, not no_cache))


async def _plan(
    commands: Iterable[Command],
    house: House,
    state: State,
    zone: str,
    model: Path | None,
    url: str | None,
    settings: Settings,
    cached: bool,
) -> None:
    clock, plans = SystemClock(), Plans(cache.KEPT if cached else 0)
    async with Brain(model, url) as brain, settings.opened() as larger:

        answers = Recall(brain, recall.KEPT if cached else 0)

        async def understood(thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
            return await understand(thing, text, present, answers, larger)

        for command in commands:
            try:
                row = await record(command, house, state, understood, now_ms=clock.now_ms(), zone=zone, plans=plans)
            except Exception:
                log.exception("understanding %r", command.text)
                row = refused(command, "I could not make anything of that; please say it in other words.")
            print(json.dumps(row), flush=True)  # ASCII: a half of a surrogate pair has no other form

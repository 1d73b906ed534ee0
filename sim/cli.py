"""Commands that need both sides at once: `motewise demo`, `plan` and `bench`."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

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
from device_agent.escalate import BELOW
from firmware_py.host.cli import JsonOption
from firmware_py.host.clock import SystemClock
from sim import bench_latency, bench_recovery, demo
from sim import plan as planning
from sim import recovery as recovering
from sim.bench import record
from sim.house import WORLD, House, World
from sim.language import run as bench_language
from sim.language.sets import SETS, Sets


def register(app: typer.Typer) -> None:
    """Add this package's commands."""
    app.command("demo")(demo_command)
    planning.register(app)
    bench = typer.Typer(help="Measure the runtime; one JSON object with --json.", no_args_is_help=True)
    bench.command("language")(language)
    bench.command("latency")(latency)
    bench.command("recovery")(recovery)
    app.add_typer(bench, name="bench")


BrokerKind = Annotated[str | None, typer.Option(help="mosquitto or amqtt; the best there is by default.")]


def demo_command(
    scenario: Annotated[Path, typer.Option(help="Scenes to play.")] = demo.SCENARIO,
    world: Annotated[Path, typer.Option(help="House to play them in.")] = WORLD,
    broker_kind: BrokerKind = None,
    model: ModelFile = None,
    model_url: ModelUrl = None,
    keep: Annotated[Path | None, typer.Option(help="Keep journals, stores and logs in this folder.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Play nothing: keep the house running for you.")] = False,
    as_json: JsonOption = False,
) -> None:
    """A simulated house: plain sentences over a real broker, through a real model, to acting devices, and back.

    Exit status 0 only if every outcome was right on the devices themselves."""
    console = Console(stderr=as_json)
    script = demo.read_script(scenario)
    with tempfile.TemporaryDirectory(prefix="motewise-demo-") as scratch:
        played = World.read(world)
        if serve:  # people live in the present
            played = replace(played, starts_ms=SystemClock().now_ms())
        house = House(played, keep or Path(scratch), broker_kind=broker_kind, model=model,
                      model_url=model_url)
        status = _run(_serve(house, console) if serve else _play(house, console, script, as_json))
    raise typer.Exit(status)


def _run(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end, ended in order by Ctrl-C or SIGTERM (exit status 130)."""
    async def watched() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 130

    return asyncio.run(watched())


async def _play(house: House, console: Console, script: dict[str, Any], as_json: bool) -> int:
    start = time.monotonic()
    console.print(f"Starting a house with {len(house.world.hosts)} hosts …", highlight=False)
    async with house:
        outcomes = await demo.run(house, console, script)
    if as_json:
        for outcome in outcomes:
            typer.echo(json.dumps(asdict(outcome)))
    console.print(demo.summary(outcomes))
    wrong = sum(outcome.wrong is not None for outcome in outcomes)
    seconds = time.monotonic() - start
    console.print(f"{len(outcomes) - wrong} of {len(outcomes)} outcomes were right, in {seconds:.0f} s.",
                  style="bold red" if wrong else "bold green", highlight=False)
    return 1 if wrong else 0


async def _serve(house: House, console: Console) -> int:
    async with house:
        await demo.ready(house)
        config = house.write_settings()
        site, person = house.world.site, house.world.person
        password = house.broker.directory / f"{person}.password"
        motewise = "motewise" if shutil.which("motewise") else Path(sys.executable).with_name("motewise")
        client = f"-p {house.broker.port} -u {person} -P \"$(cat {password})\""
        console.print(
            f"The house is running at {house.broker.url}. In another terminal:\n\n"
            f"  export MOTEWISE_CONFIG={config}\n"
            f"  {motewise} ask \"turn on the hall lamp\"\n"
            f"  {motewise} things\n"
            f"  {motewise} rules\n\n"
            "or with any MQTT client:\n\n"
            f"  mosquitto_sub {client} -t 'motewise/1/{site}/reply/{person}' &\n"
            f"  mosquitto_pub {client} -t 'motewise/1/{site}/command/{person}' "
            "-m '{\"text\": \"turn on the hall lamp\"}'\n\n"
            "Ctrl-C stops it.", highlight=False, soft_wrap=True, markup=False)
        await house.watch()
    return 0


def language(
    assist_mini: Annotated[Path | None, typer.Option(help="Folder of homes with tests.")] = None,
    intents: Annotated[Path | None, typer.Option(help="Folder of homes with tests.")] = None,
    slurp: Annotated[Path | None, typer.Option(help="JSON lines: SLURP's home sentences.")] = None,
    slurp_all: Annotated[Path | None, typer.Option(help="JSON lines: SLURP's sentences on every topic.")] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"Only this set ({', '.join(SETS)}).")] = None,
    planner_only: Annotated[bool, typer.Option("--planner-only", help="Only which Things are chosen.")] = False,
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Rules choose in the model's place.")] = False,
    model: ModelFile = None,
    model_url: ModelUrl = None,
    ablations: Annotated[bool, typer.Option("--ablations", help="Take pieces out for the big sets too.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many sentences of each of our own sets.")] = None,
    count: Annotated[Path | None, typer.Option(help="Count the runs of other people's sets in this file.")] = None,
    larger_model: LargerModel = None,
    larger_url: LargerUrl = None,
    escalate: Escalate = False,
    escalate_below: EscalateBelow = BELOW,
    larger_outside: LargerOutside = False,
    as_json: JsonOption = False,
) -> None:
    """Sentences of other people and of our own through the whole path, through it with pieces taken out, and through
    Home Assistant's engine where it is installed."""
    usual = Sets.usual()
    sets = Sets(assist_mini or usual.assist_mini, intents or usual.intents, slurp or usual.slurp,
                slurp_all or usual.slurp_all)
    if unknown := sorted(set(only or ()) - set(SETS)):
        raise typer.BadParameter(f"There is no set {unknown[0]!r}; the sets are {', '.join(SETS)}.")
    without = bench_language.PLANNER if planner_only else bench_language.RULES if rules_only else ""
    larger = asked(larger_model, larger_url, escalate, escalate_below, larger_outside)
    wanted = bench_language.Asked(sets, model, model_url, only or (), without, ablations, limit, count, larger)
    facts, figures = asyncio.run(bench_language.measure(wanted, lambda line: typer.echo(line, err=True)))
    _print("language", facts, figures, as_json)


def latency(
    commands: Annotated[int, typer.Option(min=10, help="Orders and round trips of each kind.")] = 500,
    no_cache: planning.NoCache = False,
    as_json: JsonOption = False,
) -> None:
    """Round trips beside bare paho's, and the runtime's own time from an order to the first actuation."""
    facts, figures = asyncio.run(bench_latency.measure(commands, not no_cache))
    _print("latency", facts, figures, as_json)


def recovery(
    kills: Annotated[int, typer.Option(min=1, help="How many kills, the points taking turns.")] = 210,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Kill -9 of agent, coordinator and broker in the middle of orders. Exit status 0: nothing lost or done twice."""
    def progress(came: recovering.Came) -> None:
        state = came.state or "LOST"
        typer.echo(f"{came.point}: {state}, {came.rings} ring(s), {came.seconds:.1f} s", err=True)

    facts, figures = asyncio.run(bench_recovery.measure(kills, seed, progress))
    _print("recovery", facts, figures, as_json)
    if figures["lost"] or figures["acted_twice"] or figures["wrong_state"]:
        raise typer.Exit(1)


def _print(name: str, facts: dict[str, Any], figures: dict[str, Any], as_json: bool) -> None:
    """The record for programs, a table for people."""
    if as_json:
        typer.echo(record(name, facts, figures))
        return
    table = Table(title=f"bench {name}", title_justify="left", show_header=False)
    for key, value in {**facts, **figures}.items():
        table.add_row(key, str(value))
    Console().print(table)

"""Commands that every installation has: `motewise broker` and `motewise doctor`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from firmware_py.host import accounts, doctor, settings
from firmware_py.host.broker import Broker
from firmware_py.host.cli import BrokerOption, JsonOption, PasswordFileOption, SiteOption, UserOption


def register(app: typer.Typer) -> None:
    """Add this package's commands."""
    app.command("broker")(broker)
    app.command("doctor")(examine)


def broker(
    directory: Annotated[
        Path, typer.Option(help="Where accounts and saved messages are kept.")] = settings.BROKER_DIRECTORY,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for any free one.")] = 1883,
    kind: Annotated[str | None, typer.Option(help="mosquitto or amqtt; the best there is by default.")] = None,
    person: Annotated[list[str] | None, typer.Option(
        "--user", help="Add an account that may give orders; repeatable.")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="Add a device's account; repeatable.")] = None,
    add_only: Annotated[bool, typer.Option("--add", help="Only add the accounts; start nothing.")] = False,
) -> None:
    """Start a broker on this machine, with passwords and an access list.

    Each account's password is in a file beside the accounts; an account that has one keeps it (remove the file for a
    new one). The account of the coordinator is made by itself."""
    directory = directory.expanduser()
    wanted = [(name, True) for name in person or ()] + [(name, False) for name in host or ()]
    if accounts.COORDINATOR not in accounts.read_passwords(directory):
        wanted.append((accounts.COORDINATOR, False))
    for name, is_person in wanted:
        path = accounts.add_account(directory, name, person=is_person)
        typer.echo(f"{name}: password in {path}")
    if add_only:
        typer.echo("A mosquitto that runs learns of new accounts by SIGHUP or when it starts again.", err=True)
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Broker(directory, port, kind)))


async def _serve(broker: Broker) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await broker.start()
    typer.echo(f"{broker.kind} listens at {broker.url}; accounts in {broker.directory}. Ctrl-C stops it.")
    ended = asyncio.create_task(broker.wait())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            typer.echo(f"{broker.kind} ended by itself with exit status {ended.result()}.", err=True)
            raise typer.Exit(1)
    finally:
        stopped.cancel()
        await broker.stop()
        await ended


def examine(
    broker: BrokerOption = None, site: SiteOption = None, user: UserOption = None,
    password_file: PasswordFileOption = None, as_json: JsonOption = False,
) -> None:
    """Check the machine, the broker, the model and the devices, and say what to do. Exit status 0: no problem."""
    chosen = settings.resolve(broker, site, user, password_file)
    if not settings.says_who(broker, user):
        chosen = doctor.account_here() or chosen
    problems = asyncio.run(_examine(chosen, as_json))
    if problems:
        raise typer.Exit(1)


MARKS = {"good": ("✓", "green"), "note": ("!", "yellow"), "problem": ("✗", "bold red")}


async def _examine(chosen: settings.Settings, as_json: bool) -> int:
    console, problems = Console(highlight=False, soft_wrap=True), 0
    async for finding in doctor.examine(chosen):
        problems += finding.level == "problem"
        if as_json:
            print(json.dumps(asdict(finding)), flush=True)
            continue
        console.print(Text.assemble(MARKS[finding.level], " ", (f"{finding.area:<12}", "dim"), finding.what))
        if finding.advice:
            console.print(Text.assemble(" " * 14, ("→ " + finding.advice, "cyan")))
    if not as_json:
        console.print("No problem found." if not problems else f"Problems: {problems}.")
    return problems

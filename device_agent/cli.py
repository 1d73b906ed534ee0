"""`motewise agent`: serve the Things of a things.toml; install that as a systemd unit; draw what a sentence becomes.

Results go to stdout, logs to stderr; exit status 0 only for success."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from device_agent import service, unit
from device_agent.compile import Refusal, compile_program
from device_agent.config import Config, ConfigError, find_drivers_in
from device_agent.escalate import BELOW, Settings
from device_agent.execute import draw
from device_agent.understand import understand
from firmware_py.core.errors import LocalError
from models.language.brain import Brain

THINGS = Path("things.toml")
ModelFile = Annotated[Path | None, typer.Option(help="A GGUF of your own instead of the shipped one.")]
ModelUrl = Annotated[str | None, typer.Option(help="An OpenAI-compatible server instead of a file.")]
LargerModel = Annotated[Path | None, typer.Option(help="A larger chat model as GGUF beside the small one.")]
LargerUrl = Annotated[str | None, typer.Option(help="An OpenAI-compatible server beside the small model.")]
Escalate = Annotated[bool, typer.Option("--escalate", help="Let the larger model be asked where the small one is "
                                        "unsure.")]
EscalateBelow = Annotated[float, typer.Option(help="The confidence of the small model under which it is asked.")]
LargerOutside = Annotated[bool, typer.Option("--larger-outside", help="The server may be outside of the local "
                                             "network: sentences leave the house.")]


class ServiceError(LocalError):
    """A unit that cannot be installed here."""


def register(app: typer.Typer) -> None:
    """Add this package's commands."""
    app.command("agent")(agent)


def agent(
    things: Annotated[Path, typer.Argument(help="The file that says which Things this host serves.")] = THINGS,
    as_service: Annotated[bool, typer.Option("--service", help="Install it as a systemd unit that starts by itself, "
                                             "for all users if you are root, else for yours.")] = False,
    only_print: Annotated[bool, typer.Option("--print", help="With --service: only print the unit.")] = False,
    model: ModelFile = None,
    model_url: ModelUrl = None,
    larger_model: LargerModel = None,
    larger_url: LargerUrl = None,
    escalate: Escalate = False,
    escalate_below: EscalateBelow = BELOW,
    larger_outside: LargerOutside = False,
    sentence: Annotated[str | None, typer.Option("--draw", metavar="SENTENCE", help="Serve nothing: print the state "
                                                 "machine that this sentence becomes, as a Mermaid diagram.")] = None,
    thing: Annotated[str | None, typer.Option(help="With --draw: the Thing, by the last part of its id.")] = None,
) -> None:
    """Serve the Things of one host: understand what they are told, do it, and report."""
    if only_print and not as_service:
        raise ConfigError("Give --print together with --service.")
    config = Config.read(things)
    if model is not None and model_url is not None:
        raise ConfigError("Give either --model or --model-url, not both.")
    if model is not None or model_url is not None:
        if as_service:
            raise ConfigError("For a service, name the model in [host] of things.toml: 'model' or 'model_url'.")
        config = replace(config, model=model, model_url=model_url)
    if escalate or larger_model is not None or larger_url is not None:
        if as_service:
            raise ConfigError("For a service, name the larger model in [host] of things.toml: 'larger_model' or "
                              "'larger_url', and 'escalate'.")
        config = replace(config, larger=asked(larger_model, larger_url, escalate, escalate_below, larger_outside))
    if as_service:
        _service(things.resolve(), only_print)
        return
    find_drivers_in(things.resolve().parent)
    if sentence is not None:
        typer.echo(asyncio.run(_draw(config, sentence, thing)))
    elif thing is not None:
        raise ConfigError("Give --thing together with --draw.")
    else:
        asyncio.run(_until_signal(config))


def asked(model: Path | None, url: str | None, escalate: bool, below: float, outside: bool) -> Settings:
    """The larger model that the command line names."""
    if not escalate and (model is not None or url is not None):
        raise ConfigError("Give --escalate too: without it the larger model is not asked.")
    return Settings(model, url, escalate, below, outside)


async def _until_signal(config: Config) -> None:
    task = asyncio.ensure_future(service.run(config, ready=lambda: typer.echo(
        f"{config.name} serves {len(config.things)} Thing{'s' * (len(config.things) > 1)} at {config.broker}; "
        f"store: {config.store}. "
        "Ctrl-C stops it.")))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _draw(config: Config, sentence: str, segment: str | None) -> str:
    devices = service.load(config)
    try:
        if segment is None and len(devices) == 1:
            segment = next(iter(devices))
        if segment not in devices:
            raise ConfigError(f"Name one Thing with --thing: {', '.join(sorted(devices))}.")
        device = devices[segment]
        async with Brain(config.model, config.model_url) as brain, config.larger.opened() as larger:
            found = await understand(device.thing, sentence, device.state(), brain, larger)
        if found.status != "ok":
            raise Refusal(found.reason, found.code)
        return draw(compile_program(device.thing, found.calls, found.reads), f"{device.thing.title}: {sentence}")
    finally:
        service.close(devices)


def _service(things: Path, only_print: bool) -> None:
    for_all = os.geteuid() == 0
    text = unit.text(sys.executable, things, for_all=for_all, user=unit.owner(things) if for_all else None)
    if only_print:
        typer.echo(text, nl=False)
        return
    if shutil.which("systemctl") is None or not unit.RUNNING.exists():
        raise ServiceError("This machine does not run systemd; start 'motewise agent' by what starts its programs, "
                           "or see the unit with --print.")
    path = unit.write(text, for_all=for_all)
    who = [] if for_all else ["--user"]
    for words in (["daemon-reload"], ["enable", "--now", unit.NAME]):
        done = subprocess.run(["systemctl", *who, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ServiceError(f"systemctl {' '.join(words)} failed: {said}.")
    typer.echo(f"{path} is installed and running; its log: journalctl {' '.join([*who, '-u', unit.NAME])}.")
    if not for_all:
        typer.echo("To start without anybody logging in: loginctl enable-linger", err=True)

"""What `motewise doctor` looks at on a host: the language model, and the drivers of things.toml; and its account, with
which it looks at the broker.

The file is the one that MOTEWISE_THINGS names, else things.toml here, else ~/.config/motewise/things.toml."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from device_agent.config import Config, find_drivers_in
from device_agent.thing import Device, DriverError
from device_agent.understand import understand
from firmware_py.core.errors import MotewiseError
from firmware_py.host.doctor import Finding
from firmware_py.host.settings import Settings
from models.language.brain import Brain
from ontology.description import read

SLOW_MS = 2000.0
READ_TIMEOUT_S = 5.0
_LAMP = {"id": "urn:motewise:probe", "title": "Lamp", "@type": "Light",
         "actions": {"turn_on": {"idempotent": True, "motewise:affects": "on"},
                     "turn_off": {"idempotent": True, "motewise:affects": "on"}},
         "properties": {"on": {"type": "boolean", "readOnly": True}}}


def things_path(env: Mapping[str, str] = os.environ) -> Path | None:
    """The things.toml of this machine, or None."""
    if "MOTEWISE_THINGS" in env:
        return Path(env["MOTEWISE_THINGS"])
    here = (Path("things.toml"), Path.home() / ".config" / "motewise" / "things.toml")
    return next((path for path in here if path.exists()), None)


def account() -> Settings | None:
    """The account of this machine's host, or None."""
    path = things_path()
    if path is None:
        return None
    config = Config.read(path)
    return Settings(config.broker, config.site, config.user, config.password)


async def model(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the model loads, answers, and is fast enough to be talked to."""
    path, config = things_path(), None
    if path is None and importlib.util.find_spec("llama_cpp") is None:
        yield Finding("model", "note", "There is no language model here: this machine serves no Things.",
                      "pip install 'motewise[agent]' if it is to.")
        return
    if path is not None:
        with contextlib.suppress(MotewiseError):  # `drivers` tells what is wrong in it
            config = Config.read(path)
    try:
        async with Brain(config.model if config else None, config.model_url if config else None) as brain:
            found = await understand(read(_LAMP), "turn on the lamp", {"on": False}, brain)
    except MotewiseError as error:
        yield Finding("model", "problem", str(error),
                      "Name another in [host] of things.toml with 'model' or 'model_url', or install Motewise again.")
        return
    if found.status != "ok" or found.calls != ({"action": "turn_on", "input": {}},):
        yield Finding("model", "problem", "It does not understand “turn on the lamp”"
                      + (f": {found.reason}" if found.reason else "."), "Use the shipped model, or a larger one.")
        return
    ms = sum(found.ms.values())
    if ms > SLOW_MS:
        yield Finding("model", "note", f"{brain.name} understands, in {ms:.0f} ms.", "A smaller model would be faster.")
    else:
        yield Finding("model", "good", f"{brain.name} understands, in {ms:.0f} ms.")


async def drivers(settings: Settings) -> AsyncIterator[Finding]:
    """Whether every driver of things.toml loads, and can tell how its Thing is."""
    path = things_path()
    if path is None:
        yield Finding("drivers", "note", "There is no things.toml here, so no driver was looked at.",
                      "Run it beside your things.toml, or name that in MOTEWISE_THINGS.")
        return
    config = Config.read(path)
    find_drivers_in(path.resolve().parent)
    for entry in config.things:
        try:
            device = Device.load(entry)
        except DriverError as error:
            yield Finding("drivers", "problem", str(error),
                          "Correct things.toml; pins that a running agent uses are taken: stop it to look at them.")
            continue
        try:
            await asyncio.wait_for(asyncio.to_thread(device.state), READ_TIMEOUT_S)
        except TimeoutError:
            yield Finding("drivers", "problem", f"The {device.title} does not answer.", "Look at its power and cables.")
        else:
            for problem in device.problems.values():
                yield Finding("drivers", "problem", problem, "Look at its power and cables.")
            if not device.problems:
                yield Finding("drivers", "good", f"The {device.title} answers.")
        finally:
            device.close()

"""`motewise doctor`: look at everything that an installation needs, and say what to do about what is wrong.

Rules: a check yields Findings and never raises for what it was looking for; a Finding says what is and, unless it is
good, what to do. Each package adds its own checks through the entry points "motewise.checks" (a function taking the
Settings and giving Findings), so that a machine is asked only about what it has."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from firmware_py.core import topics
from firmware_py.core.errors import MessageError, MotewiseError
from firmware_py.core.messages import SiteTime, Status
from firmware_py.host import probe
from firmware_py.host.broker import mosquitto_path
from firmware_py.host.cli import EXTRAS
from firmware_py.host.clock import SystemClock
from firmware_py.host.link import Link
from firmware_py.host.settings import Settings

log = logging.getLogger(__name__)

LEVELS = ("good", "note", "problem")
FREE_MEMORY_MIB = 200
FREE_DISK_MIB = 200
SLOW_RTT_MS = 20.0
CLOCK_OFF_S = 5.0
HEAR_S = 1.0


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report. `level`: good, note (works, but) or problem. `advice`: what to do."""

    area: str
    level: str
    what: str
    advice: str = ""


Check = Callable[[Settings], AsyncIterator[Finding]]


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding of every check, in order; a check that breaks is itself a finding."""
    checks: list[tuple[str, Check]] = [("machine", machine), ("broker", broker)]
    for point in sorted(entry_points(group="motewise.checks"), key=lambda point: point.name):
        try:
            checks.append((point.name, point.load()))
        except ModuleNotFoundError as error:
            extra = EXTRAS.get(point.name, point.name)
            yield Finding(point.name, "note", f"Not checked: {error.name} is not installed.",
                          f"pip install 'motewise[{extra}]' if this machine is to have it.")
    checks.append(("devices", devices))
    for area, check in checks:
        try:
            async for finding in check(settings):
                yield finding
        except Exception as error:
            log.debug("the check %s", area, exc_info=True)
            yield Finding(area, "problem", f"The check ended early: {str(error).rstrip('.') or type(error).__name__}.")


def account_here() -> Settings | None:
    """The account that a package uses on this machine, for whoever names none: from the entry points
    "motewise.accounts" (a function that gives Settings, or None)."""
    for point in sorted(entry_points(group="motewise.accounts"), key=lambda point: point.name):
        with contextlib.suppress(ModuleNotFoundError, MotewiseError):
            found: Settings | None = point.load()()
            if found is not None:
                return found
    return None


# -- this machine -----------------------------------------------------------------------------------------------------


async def machine(settings: Settings) -> AsyncIterator[Finding]:
    """Python, memory, disk, clock."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("machine", "good", f"Python {version}.")  # an older one could not have imported us
    free_mib = _free_memory_mib()
    if free_mib is not None and free_mib < FREE_MEMORY_MIB:
        yield Finding("machine", "problem", f"{free_mib} MiB of memory are free; the model needs about "
                      f"{FREE_MEMORY_MIB}.", "Stop something, or name a model on another machine with --model-url.")
    elif free_mib is not None:
        yield Finding("machine", "good", f"{free_mib} MiB of memory are free.")
    disk_mib = shutil.disk_usage(Path.home()).free // 2**20
    if disk_mib < FREE_DISK_MIB:
        yield Finding("machine", "problem", f"{disk_mib} MiB of disk are free; journals may not be written.",
                      "Make room on the disk.")
    else:
        yield Finding("machine", "good", f"{disk_mib} MiB of disk are free.")
    yield _clock()


def _free_memory_mib() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _clock() -> Finding:
    if SystemClock().now_ms() < 1_735_689_600_000:  # 2025-01-01: before this code was written
        return Finding("machine", "problem", "The clock is years behind.", "Set it: sudo timedatectl set-ntp true.")
    if shutil.which("timedatectl"):
        said = subprocess.run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"], capture_output=True,
                              text=True, timeout=5, check=False).stdout.strip()
        if said == "no":
            return Finding("machine", "note", "The clock is not synchronised; daily times may be off.",
                           "sudo timedatectl set-ntp true.")
    return Finding("machine", "good", "The clock is plausible.")


# -- the broker -------------------------------------------------------------------------------------------------------


async def broker(settings: Settings) -> AsyncIterator[Finding]:
    """Reachable, password, strangers, and the traps that a broker's default configuration sets."""
    url = settings.broker
    if not await probe.answers(url):
        yield Finding("broker", "problem", f"Nobody answers at {url}.",
                      "Start one with 'motewise broker', or name yours with --broker.")
        if mosquitto_path() is None:
            amqtt = importlib.util.find_spec("amqtt") is not None
            yield Finding("broker", "note" if amqtt else "problem", "mosquitto is not installed"
                          + ("; amqtt is, which forgets everything when it stops." if amqtt else "."),
                          "sudo apt install mosquitto.")
        return
    yield Finding("broker", "good", f"A broker answers at {url}.")
    if await probe.lets_strangers_in(url):
        yield Finding("broker", "problem", "It lets strangers in: locks and doors are refused there.",
                      "Set allow_anonymous false and a password_file, or use 'motewise broker'.")
    else:
        yield Finding("broker", "good", "It refuses strangers.")
    if settings.user is None or settings.password is None:
        yield Finding("broker", "note", "No user name and password are set, so the rest was not looked at.",
                      "Give --user and --password-file, or write the settings file.")
        return
    if not await probe.accepts(url, settings.user, settings.password):
        yield Finding("broker", "problem", f"It refuses the user {settings.user!r} with this password.",
                      "Check both; 'motewise broker --user NAME --add' makes an account.")
        return
    yield Finding("broker", "good", f"It accepts the user {settings.user!r}.")
    async for finding in _traps(settings):
        yield finding


async def _traps(settings: Settings) -> AsyncIterator[Finding]:
    assert settings.user is not None
    assert settings.password is not None
    try:
        rtt_ms = await probe.round_trip_ms(settings.broker, settings.user, settings.password, settings.site)
    except (MotewiseError, TimeoutError):
        yield Finding("broker", "note", f"{settings.user!r} may not write and read its own subtree; nothing more can "
                      "be measured with this account.", "Use a host's or the coordinator's account for the rest.")
        return
    if rtt_ms > SLOW_RTT_MS:
        yield Finding("broker", "problem", f"A message and its return take {rtt_ms:.1f} ms.",
                      "Set 'set_tcp_nodelay true' in mosquitto.conf; over Wi-Fi, look at the signal.")
    else:
        yield Finding("broker", "good", f"A message and its return take {rtt_ms:.1f} ms.")
    yield await _retained(settings)
    yield await _queue(settings)
    version = await _version(settings)
    patch = re.fullmatch(r"mosquitto version 2\.0\.(\d+).*", version)
    if patch and int(patch[1]) < 15:
        yield Finding("broker", "note", f"It is {version}, which stalls on messages with an expiry.",
                      "Nothing to do for Motewise, which sends none; other programs should not either.")
    elif version:
        yield Finding("broker", "good", f"It is {version}.")


def _link(settings: Settings, name: str, clean_session: bool = True) -> Link:
    return Link(settings.broker, name, username=settings.user, password=settings.password,
                connect_timeout_s=probe.TIMEOUT_S, clean_session=clean_session)


async def _retained(settings: Settings) -> Finding:
    """Whether a retained message is kept for who comes later."""
    topic = topics.site_topic(settings.site, str(settings.user), "probe", secrets.token_hex(4))
    kept = False
    async with _link(settings, "motewise-doctor-" + secrets.token_hex(4)) as link:
        with contextlib.suppress(TimeoutError):  # a broker that keeps nothing may hang up on the first one
            async with asyncio.timeout(HEAR_S):
                await link.publish(topic, b"{}", retain=True)
                await link.subscribe(topic)
                message = await anext(aiter(link))
                message.ack()
                kept = message.retain
                await link.publish(topic, b"", retain=True)
    if kept:
        return Finding("broker", "good", "It keeps retained messages.")
    return Finding("broker", "problem", "It does not keep retained messages: nobody would know the devices.",
                   "Set 'retain_available true' in mosquitto.conf.")


async def _queue(settings: Settings, count: int = 1200) -> Finding:
    """Whether more than mosquitto's default of 1,000 messages wait for a client that is away."""
    name = "motewise-doctor-" + secrets.token_hex(4)
    topic = topics.site_topic(settings.site, str(settings.user), "probe", secrets.token_hex(4))
    async with _link(settings, name, clean_session=False) as link:
        await link.subscribe(topic)
    async with _link(settings, name + "-sender") as sender:
        for _ in range(count):
            sender.publish_soon(topic, b"{}")
        await sender.publish(topic, b"{}")
    heard = 0
    async with _link(settings, name, clean_session=False) as link:
        inbox = aiter(link)
        with contextlib.suppress(TimeoutError):
            while heard <= count:
                message = await asyncio.wait_for(anext(inbox), HEAR_S)
                message.ack()
                heard += 1
    async with _link(settings, name):  # a clean session under the same name: nothing is left behind
        pass
    if heard == count + 1:
        return Finding("broker", "good", f"{heard} messages waited for a client that was away.")
    return Finding("broker", "problem", f"Of {count + 1} messages for a client that was away, {heard} were kept.",
                   "Set 'max_queued_messages 100000' and 'persistence true' in mosquitto.conf.")


async def _version(settings: Settings) -> str:
    """What the broker says it is, if it lets us read that; else what is installed here."""
    async with _link(settings, "motewise-doctor-" + secrets.token_hex(4)) as link:
        try:
            await link.subscribe("$SYS/broker/version")
            async with asyncio.timeout(HEAR_S / 2):
                return (await anext(aiter(link))).payload.decode("utf-8", "replace")
        except (MotewiseError, TimeoutError):
            pass
    path = mosquitto_path()
    if path is None or "127.0.0.1" not in settings.broker:
        return ""
    said = subprocess.run([path, "-h"], capture_output=True, text=True, timeout=5, check=False).stdout
    return said.split("\n", 1)[0].strip()


# -- the devices ------------------------------------------------------------------------------------------------------


async def devices(settings: Settings) -> AsyncIterator[Finding]:
    """Who is ready, who is lost, whether the coordinator's time is ours."""
    if settings.user is None or not await probe.answers(settings.broker):
        return
    if not await probe.accepts(settings.broker, settings.user, settings.password):
        return
    hosts: dict[str, str] = {}
    site_time = None
    async with _link(settings, "motewise-doctor-" + secrets.token_hex(4)) as link:
        try:
            await link.subscribe(topics.status(settings.site, "+"))
            await link.subscribe(topics.time(settings.site))
            async with asyncio.timeout(HEAR_S):
                async for message in link:
                    message.ack()
                    try:
                        kind, _, names = topics.parse(message.topic)
                        if kind == "status" and message.payload:
                            hosts[names[0]] = Status.parse(message.payload).state
                        elif kind == "time":
                            site_time = SiteTime.parse(message.payload)
                    except MessageError as error:
                        yield Finding("devices", "problem", f"{message.topic}: {error}",
                                      "Another program writes there, or the device needs an update.")
        except TimeoutError:
            pass
    for host, state in sorted(hosts.items()):
        if state == "lost":
            yield Finding("devices", "problem", f"{host} is lost.", "Look at its power and network.")
        else:
            yield Finding("devices", "good", f"{host} is {state}.")
    if not hosts:
        yield Finding("devices", "note", f"No device has said anything on the site '{settings.site}'.",
                      "Start one: 'motewise agent things.toml'.")
    if site_time is None:
        yield Finding("devices", "note", "No coordinator has announced the time.", "Start it: 'motewise coordinator'.")
    elif abs(site_time.t_ms - SystemClock().now_ms()) > (CLOCK_OFF_S + 60) * 1000:
        yield Finding("devices", "problem", "The coordinator's time is not this machine's.",
                      "Set the clocks; or the coordinator stopped: start it again.")

"""Ask a broker what it is like. Every probe makes connections of its own and leaves nothing behind."""

from __future__ import annotations

import asyncio
import secrets
import statistics

from firmware_py.host.link import ConnectError, Link

TIMEOUT_S = 3.0


async def answers(url: str, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether an MQTT broker answers there, be it with a refusal."""
    return await _enters(url, None, None, timeout_s) is not None


async def accepts(url: str, username: str | None, password: str | None, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether the broker lets this user in. ConnectError if nobody is there."""
    entered = await _enters(url, username, password, timeout_s)
    if entered is None:
        raise ConnectError(f"Nobody answers at {url}; is the broker running? Start one with 'motewise broker'.")
    return entered


async def lets_strangers_in(url: str, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether the broker lets in a client without a name, or under a name that nobody gave out.

    On such a broker anyone can speak for a device: locks and doors are refused there. ConnectError if nobody is
    there."""
    stranger = "stranger-" + secrets.token_hex(6)
    if await accepts(url, None, None, timeout_s):
        return True
    return await accepts(url, stranger, secrets.token_urlsafe(9), timeout_s)


async def _enters(url: str, username: str | None, password: str | None, timeout_s: float) -> bool | None:
    """True or False: the broker's answer; None: there was none."""
    link = Link(url, "motewise-probe-" + secrets.token_hex(6), username=username, password=password,
                connect_timeout_s=timeout_s, clean_session=True)
    try:
        async with link:
            return True
    except ConnectError as error:
        return False if error.refused else None


async def round_trip_ms(url: str, username: str, password: str, site: str, times: int = 60) -> float:
    """Median of `times` QoS 1 requests and responses between two clients, on topics of `username`'s own.

    The later half counts: a fresh TCP connection acknowledges at once, which hides a broker without TCP_NODELAY."""
    topic = f"motewise/1/{site}/{username}/probe/{secrets.token_hex(4)}"
    ask, answer = (
        Link(url, "motewise-probe-" + secrets.token_hex(6), username=username, password=password,
             connect_timeout_s=TIMEOUT_S, clean_session=True) for _ in range(2))

    async def respond() -> None:
        async for message in answer:
            message.ack()
            answer.publish_soon(topic + "/response", message.payload)

    async with ask, answer:
        await ask.subscribe(topic + "/response")
        await answer.subscribe(topic + "/request")
        responder = asyncio.create_task(respond(), name="probe responder")
        inbox, taken = aiter(ask), []
        loop = asyncio.get_running_loop()
        try:
            for _ in range(times):
                start = loop.time()
                ask.publish_soon(topic + "/request", b"{}")
                async with asyncio.timeout(TIMEOUT_S):
                    (await anext(inbox)).ack()
                taken.append((loop.time() - start) * 1000)
        finally:
            responder.cancel()
        return statistics.median(taken[times // 2:])

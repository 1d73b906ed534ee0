"""A larger language model beside the small one: a chat GGUF or a server, loaded while the small one already answers.

Rules: an answer has a time limit, and one that comes later is dropped; a model that cannot be used or a server that is
away costs a sentence of reason and is tried again at the next question. The chat's opening, the same for every
question, is computed once, beforehand. Whether to ask is not decided here."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from models.language.brain import Brain, BrainError, Completion
from models.language.prompt import Option, Prompt

log = logging.getLogger(__name__)

TIMEOUT_S = 20.0
_NEAR = re.compile(r"(?:[a-z][a-z0-9-]*|.+\.(?:local|lan|home|internal|home\.arpa))\.?")
_FIRST = Prompt("lamp", "Lamp", (Option("do", "turn_on", "turn on"),), "turn it on")


def is_near(url: str) -> bool:
    """Whether an address is on this machine or in the local network: a private number, a bare name, or one that ends as
    local names do. Other names are not looked up: they may lead anywhere."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _NEAR.fullmatch(host) is not None
    return address.is_private and not address.is_unspecified


class Larger:
    """`model`: a chat GGUF, or `url`: a server; `timeout_s`: the longest that an answer may take."""

    def __init__(self, model: Path | None, url: str | None, timeout_s: float = TIMEOUT_S) -> None:
        self._brain = Brain(model, url)
        self._timeout_s = timeout_s
        self._warm = url is None  # a server's time may be somebody's money
        self._stack = contextlib.AsyncExitStack()
        self._starting: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[Completion]] = set()

    async def __aenter__(self) -> Self:
        self._starting = asyncio.create_task(self._start())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._asking, *([self._starting] if self._starting is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stack.aclose()

    async def _start(self) -> None:
        await self._stack.enter_async_context(self._brain)
        if self._warm:
            await self._brain.complete(_FIRST)
        log.info("the larger model %s is ready", self._brain.name)

    async def complete(self, prompt: Prompt) -> Completion:
        """Its answer; BrainError if there is none in time."""
        if self._starting is None or (self._starting.done() and self._starting.exception() is not None):
            self._starting = asyncio.create_task(self._start())
        asked = asyncio.create_task(self._ask(prompt, self._starting))
        self._asking.add(asked)
        asked.add_done_callback(self._answered)
        done, _ = await asyncio.wait({asked}, timeout=self._timeout_s)
        if not done:
            raise BrainError(f"The larger model did not answer within {self._timeout_s:g} seconds.")
        try:
            return asked.result()
        except BrainError as error:
            raise BrainError(f"The larger model did not help: {error}") from None

    async def _ask(self, prompt: Prompt, starting: asyncio.Task[None]) -> Completion:
        await asyncio.shield(starting)
        return await self._brain.complete(prompt)

    def _answered(self, task: asyncio.Task[Completion]) -> None:
        """Look at what came too late, so that nobody complains that nobody did."""
        self._asking.discard(task)
        if not task.cancelled():
            task.exception()

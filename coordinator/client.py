"""A person's end of the wire: send orders as one user, hear the replies. Used by `motewise ask` and its siblings."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from firmware_py.core import topics
from firmware_py.core.errors import LocalError, RemoteError
from firmware_py.core.messages import encode
from firmware_py.host.link import Link
from firmware_py.host.settings import Settings


class ClientError(LocalError):
    """Settings that do not say who we are."""


class NoAnswer(RemoteError):
    """The coordinator did not answer in time."""


class Client:
    """`async with Client(settings) as client:` is connected and hears every reply to its user."""

    def __init__(self, settings: Settings) -> None:
        if settings.user is None:
            raise ClientError("Say who you are: --user NAME --password-file FILE, or 'user' in the settings file.")
        self._command = topics.command(settings.site, settings.user)
        self._reply = topics.reply(settings.site, settings.user)
        self._link = Link(settings.broker, f"motewise-{settings.user}-{secrets.token_hex(4)}", username=settings.user,
                          password=settings.password, clean_session=True)

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        await self._link.subscribe(self._reply)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.__aexit__(kind, error, trace)

    async def send(self, **fields: Any) -> str:
        """Send one message; its id (made here if there is none)."""
        fields.setdefault("id", secrets.token_hex(4))
        await self._link.publish(self._command, encode(fields))
        return str(fields["id"])

    async def replies(self, *ids: str) -> AsyncIterator[dict[str, Any]]:
        """Replies to these ids, or to everything this user said if none are given."""
        async for message in self._link:
            message.ack()
            try:
                reply = json.loads(message.payload)
            except ValueError:
                continue
            if isinstance(reply, dict) and (not ids or reply.get("id") in ids):
                yield reply

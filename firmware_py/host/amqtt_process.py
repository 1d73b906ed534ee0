"""`python -m firmware_py.host.amqtt_process DIRECTORY PORT`: amqtt with our accounts and access list.

The embedded broker for machines without mosquitto; its limits are told in broker.py."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from firmware_py.host import accounts


class Passwords(BaseAuthPlugin):
    """Lets in who is in the password file; read at every connect, so that new accounts work at once."""

    @dataclass
    class Config:
        """`directory`: where the files are."""

        directory: str = "."

    async def authenticate(self, *, session: Session) -> bool:
        known = accounts.read_passwords(Path(self.config.directory))
        return bool(session.username) and accounts.password_matches(
            session.password or "", known.get(session.username or "", ""))


class AccessList(BaseTopicPlugin):
    """Lets through what the access list allows."""

    @dataclass
    class Config:
        """`directory`: where the files are."""

        directory: str = "."

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._path = Path(self.config.directory) / accounts.ACCESS
        self._read_ns = 0
        self._rules: list[accounts.Rule] = []

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        changed_ns = self._path.stat().st_mtime_ns
        if changed_ns != self._read_ns:
            self._rules, self._read_ns = accounts.read_rules(self._path.read_text("utf-8").splitlines()), changed_ns
        user = session.username if session else None
        if not user or not topic:
            return False
        return any(
            (rule.write if action == Action.PUBLISH else rule.read) and rule.covers(user, topic)
            for rule in self._rules
        )


async def run(directory: Path, port: int) -> None:
    """Serve on loopback until SIGTERM or SIGINT."""
    files = {"directory": str(directory)}
    broker = Broker({
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {f"{__name__}.Passwords": files, f"{__name__}.AccessList": files},
    })
    await broker.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))

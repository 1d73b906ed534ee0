"""The running service over a link in memory, and its file."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path

import pytest

from coordinator import service
from coordinator.journal import Journal
from coordinator.plan import understand_command
from coordinator.policy import Policy
from coordinator.service import Config, ConfigError, Coordinator, Service
from firmware_py.core.errors import LocalError, MotewiseError, RemoteError
from firmware_py.host.clock import AdjustableClock
from firmware_py.host.durable import DurableError
from firmware_py.host.link import ConnectError, Message
from ontology.registry import Registry


class Wire:
    """A link without a broker: `inbox` comes in, `sent` went out."""

    def __init__(self):
        self.inbox = asyncio.Queue()
        self.sent = asyncio.Queue()
        self.filters = []

    async def subscribe(self, filter, qos=1):
        self.filters.append(filter)

    async def publish(self, topic, payload, *, qos=1, retain=False):
        self.publish_soon(topic, payload, retain=retain)

    def publish_soon(self, topic, payload, *, qos=1, retain=False):
        self.sent.put_nowait((topic, json.loads(payload), retain))

    async def __aiter__(self):
        while True:
            yield await self.inbox.get()


def test_message_is_acknowledged_after_its_commit_and_time_is_told(tmp_path):
    async def serve():
        wire, acknowledged = Wire(), []
        coordinator = Coordinator(Journal(tmp_path / "j.db"), Registry(), Policy.read(), "home",
                                  understand=understand_command)
        other = Journal(tmp_path / "j.db")
        task = asyncio.create_task(Service(coordinator, wire, AdjustableClock(10**12), "Europe/Berlin").run())
        wire.inbox.put_nowait(Message("motewise/1/home/command/ann", b'{"id": "1", "text": "dance"}', False, 1,
                                      lambda: acknowledged.append(other.command_of("ann", "1"))))
        async with asyncio.timeout(5):
            seen = [await wire.sent.get() for _ in range(4)]
            while not acknowledged:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return wire, seen, acknowledged

    wire, seen, acknowledged = asyncio.run(serve())
    assert acknowledged[0].status == "rejected"
    assert len(wire.filters) == 4
    [time] = [(fields, retain) for topic, fields, retain in seen if topic.endswith("/time")]
    assert (time[0]["zone"], time[1]) == ("Europe/Berlin", True)
    assert [fields["kind"] for topic, fields, _ in seen if "/reply/" in topic] == ["accepted", "plan", "result"]


def test_broker_that_lets_strangers_in_later_is_noticed_and_locks_are_not_moved(monkeypatch):
    found = [ConnectError("Nobody answers."), True, False]

    async def look(url):
        answer = found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def serve():
        monkeypatch.setattr(service, "lets_strangers_in", look)
        coordinator = Coordinator(Journal(":memory:"), Registry(), Policy.read(), "home")
        clock, seen = AdjustableClock(10**12), []
        task = asyncio.create_task(Service(coordinator, Wire(), clock, "UTC", "mqtt://here").run())
        for left in (2, 1, 0):
            async with asyncio.timeout(5):
                while len(found) > left:
                    clock.advance(service.STRANGERS_EVERY_S)
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0)
            seen.append(coordinator.strangers)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert asyncio.run(serve()) == [False, True, False]


def test_number_of_plans_to_keep_is_a_whole_number(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("[coordinator]\nplans_kept = 0\n")
    assert Config.read(path).plans_kept == 0
    for wrong in ("0.5", "true", "'many'"):
        path.write_text(f"[coordinator]\nplans_kept = {wrong}\n")
        with pytest.raises(ConfigError):
            Config.read(path)


@pytest.mark.parametrize("text", ["[coordinator", "[coordinator]\nsite = 3", "[coordinator]\nzone = 'Mars'",
                                  "[coordinator]\ncolour = 'red'", "[coordinator]\nsite = 'A B'",
                                  "[coordinator]\npassword_file = 'none'", "coordinator = 3", ""])
def test_file_that_cannot_be_used_is_one_sentence(tmp_path, text):
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(MotewiseError) as error:
        Config.read(path)
    assert str(error.value)


def test_example_can_be_used_and_names_every_key(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    example = Path(__file__).parents[2] / "examples" / "coordinator.toml"
    config = Config.read(example)
    assert (config.zone, config.password) == ("Europe/Berlin", None)
    assert config.journal == tmp_path / ".local/share/motewise/coordinator/journal.db"
    named = set(re.findall(r"^(?:# )?(\w+) = ", example.read_text("utf-8"), re.MULTILINE))
    assert named == {"site", "zone", "journal", "broker", "password_file", "policy", "pin", "deadline_s", "question_s",
                     "plans_kept"}
    (tmp_path / ".local/share/motewise/broker").mkdir(parents=True)
    (tmp_path / ".local/share/motewise/broker/coordinator.password").write_text("kept\n")
    assert Config.read(example).password == "kept"


def test_file_names_are_relative_to_it(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('[coordinator]\nsite = "home"\njournal = "j/journal.db"\ndeadline_s = 5\n')
    config = Config.read(path)
    assert config.journal == tmp_path / "j" / "journal.db"
    assert config.registry_directory == tmp_path / "j" / "journal.things"
    assert config.rules().deadline_s == 5
    with pytest.raises(ConfigError):
        Config.read(tmp_path / "absent.toml")


def test_journal_of_another_version_is_refused(tmp_path):
    journal = Journal(tmp_path / "j.db")
    journal._db.execute("PRAGMA user_version=99")
    journal.close()
    with pytest.raises(LocalError):
        Journal(tmp_path / "j.db")


def test_refused_subscription_ends_it_with_that_sentence():
    class Refusing(Wire):
        async def subscribe(self, filter, qos=1):
            raise RemoteError("The broker does not let us.")

    coordinator = Coordinator(Journal(":memory:"), Registry(), Policy.read(), "home", understand=understand_command)
    with pytest.raises(RemoteError, match="does not let us"):
        asyncio.run(Service(coordinator, Refusing(), AdjustableClock(10**12), "UTC").run())


def test_journal_that_cannot_be_written_is_one_sentence(tmp_path):
    journal = Journal(tmp_path / "j.db")
    journal._begin()
    journal._db.set_authorizer(lambda *asked: sqlite3.SQLITE_DENY)
    with pytest.raises(DurableError, match="cannot be written"):
        journal.commit()

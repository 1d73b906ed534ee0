"""The running service over a link in memory, with real threads and a real store; and over a real broker."""

import asyncio
import contextlib
import json
import threading

import pytest
from small_host import BELL, ENTRIES, HOST, LAMP, SITE, by_heart

from device_agent import service
from device_agent.agent import Agent
from device_agent.config import Config
from device_agent.service import Service
from device_agent.store import Store
from device_agent.thing import Device
from firmware_py.core import topics
from firmware_py.core.errors import RemoteError
from firmware_py.core.messages import Status
from firmware_py.host.broker import mosquitto_path, start_broker
from firmware_py.host.clock import AdjustableClock
from firmware_py.host.link import ConnectError, Link, Message


class Wire:
    """A link without a broker: `inbox` comes in, `sent` went out."""

    def __init__(self):
        self.inbox = asyncio.Queue()
        self.sent = asyncio.Queue()
        self.filters = []
        self.on_connect = []
        self.on_disconnect = []

    async def subscribe(self, filter, qos=1):
        self.filters.append(filter)

    async def unsubscribe(self, filter):
        self.filters.remove(filter)

    async def publish(self, topic, payload, *, qos=1, retain=False):
        self.publish_soon(topic, payload, retain=retain)

    def publish_soon(self, topic, payload, *, qos=1, retain=False):
        self.sent.put_nowait((topic, json.loads(payload) if payload else None))

    async def __aiter__(self):
        while True:
            yield await self.inbox.get()


class Running:
    """An agent that runs, and what was heard of it."""

    def __init__(self, path, understand=None, broker=""):
        self.wire = Wire()
        self._broker = broker
        self.devices = [Device.load(entry) for entry in ENTRIES]
        self.store = Store(path)
        self.agent = Agent(self.store, self.devices, SITE, HOST, 1, zone="UTC")
        for device in self.devices:
            self.agent.descriptions[device.thing.segment] = json.dumps(device.td).encode()
        self.clock = AdjustableClock(1_700_000_000_000)
        self.acknowledged = []
        self._understand = understand or self._by_heart

    @staticmethod
    async def _by_heart(thing, text, present):
        return by_heart(text, present)

    async def __aenter__(self):
        self.ready = asyncio.Event()
        serving = Service(self.agent, self.wire, self.clock, self._understand, self._broker)
        self.task = asyncio.create_task(serving.run(self.ready.set))
        async with asyncio.timeout(5):
            await self.ready.wait()
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.store.close()

    def say(self, text, thing=LAMP, id="1", **more):
        fields = {"id": id, "command": "c", "text": text, "deadline_ms": self.clock.now_ms() + 60_000, **more}
        self.wire.inbox.put_nowait(Message(topics.subtask(SITE, HOST, thing), json.dumps(fields).encode(), False, 1,
                                           lambda: self.acknowledged.append(id)))

    async def until(self, state, id="1"):
        """The report of that state."""
        async with asyncio.timeout(5):
            while True:
                topic, fields = await self.wire.sent.get()
                if topic.endswith("/report") and (fields["id"], fields["state"]) == (id, state):
                    return fields


def test_sentence_becomes_an_act_and_a_report(tmp_path):
    async def body():
        async with Running(tmp_path / "s.db") as running:
            running.say("turn on")
            report = await running.until("done")
            assert running.acknowledged == ["1"]
            assert running.devices[0].read("on") is True
            assert report["calls"] == [{"action": "turn_on", "input": {}}]
        last = [fields for topic, fields in running.wire.sent._queue if topic.endswith("status")][-1]
        assert last["state"] == "stopped"

    asyncio.run(body())


def test_refused_subscription_ends_it_with_that_sentence(tmp_path):
    async def body():
        running = Running(tmp_path / "s.db")

        async def refuse(filter, qos=1):
            raise RemoteError("The broker does not let us.")

        running.wire.subscribe = refuse
        try:
            await Service(running.agent, running.wire, running.clock, running._understand).run()
        finally:
            running.store.close()

    with pytest.raises(RemoteError, match="does not let us"):
        asyncio.run(body())


def test_driver_that_hangs_holds_nobody_else(tmp_path):
    release = threading.Event()

    async def body():
        async with Running(tmp_path / "s.db") as running:
            running.agent.things[BELL].device.call = lambda action, input: release.wait(10)
            running.say("ring", BELL)
            await running.until("running")
            running.say("turn on", id="2")
            await running.until("done", "2")
            release.set()
            await running.until("done")

    asyncio.run(body())


def test_thinking_takes_its_time_and_the_link_goes_on(tmp_path):
    async def body():
        go_on = asyncio.Event()

        async def slow(thing, text, present):
            await go_on.wait()
            return by_heart(text, present)

        async with Running(tmp_path / "s.db", slow) as running:
            running.say("turn on")
            for _ in range(5):
                running.clock.advance(1)
                await asyncio.sleep(0.01)
            await running.until("accepted")
            assert running.acknowledged == ["1"]
            go_on.set()
            await running.until("done")

    asyncio.run(body())


def test_mind_that_breaks_is_a_refusal(tmp_path):
    async def body():
        async def broken(thing, text, present):
            raise ZeroDivisionError

        async with Running(tmp_path / "s.db", broken) as running:
            running.say("turn on")
            assert (await running.until("rejected"))["code"] == "no_model"

    asyncio.run(body())


def test_rule_fires_by_the_clock_and_listens_while_it_is_armed(tmp_path):
    async def body():
        guard = {"thing": "urn:x:hall-motion", "property": "occupied", "op": "eq", "value": True, "host": "m"}
        async with Running(tmp_path / "s.db") as running:
            always = set(running.wire.filters)
            running.say("turn on", guard={"any": [{**guard, "for_s": 60}, {"every_s": 300}], "repeat": True})
            await running.until("armed")
            await asyncio.sleep(0.02)
            assert set(running.wire.filters) - always == {
                topics.status(SITE, "m"), topics.prop(SITE, "m", "hall-motion", "occupied")}
            value = json.dumps({"value": True, "t_ms": running.clock.now_ms()}).encode()
            running.wire.inbox.put_nowait(Message(topics.prop(SITE, "m", "hall-motion", "occupied"), value, False, 1))
            await asyncio.sleep(0.02)
            for _ in range(7):
                running.clock.advance(10)
                await asyncio.sleep(0.01)
            await running.until("running")
            cancel = json.dumps({"id": "x", "target": "1"}).encode()
            running.wire.inbox.put_nowait(Message(topics.cancel(SITE, HOST, LAMP), cancel, False, 1))
            await running.until("cancelled")
            await asyncio.sleep(0.02)
            assert set(running.wire.filters) == always

    asyncio.run(body())


def test_driver_that_reports_a_change_is_heard_at_once(tmp_path):
    async def body():
        async with Running(tmp_path / "s.db") as running:
            await asyncio.to_thread(running.devices[0].put, "on", True)
            async with asyncio.timeout(5):
                while True:
                    topic, fields = await running.wire.sent.get()
                    if topic == topics.prop(SITE, HOST, LAMP, "on") and fields["value"] is True:
                        return

    asyncio.run(body())


def test_silence_costs_nothing(tmp_path):
    """Nothing due: no turn is taken."""
    async def body():
        async with Running(tmp_path / "s.db") as running:
            await asyncio.sleep(0.1)
            turns = []
            look, running.agent.take_in = running.agent.take_in, lambda *args, **more: turns.append(args)
            await asyncio.sleep(0.3)
            running.agent.take_in = look
            assert turns == []

    asyncio.run(body())


# -- a real broker ----------------------------------------------------------------------------------------------------


class NoBrain:
    """In place of the language model."""

    def __init__(self, *_):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass


def test_broker_that_lets_strangers_in_later_is_noticed(tmp_path, monkeypatch):
    found = [ConnectError("Nobody answers."), True, False]

    async def look(url):
        answer = found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def serve():
        monkeypatch.setattr(service, "lets_strangers_in", look)
        seen = []
        async with Running(tmp_path / "store.db", broker="mqtt://here") as running, asyncio.timeout(5):
            for left in (2, 1, 0):
                while len(found) > left:
                    running.clock.advance(service.STRANGERS_EVERY_S)
                    await asyncio.sleep(0.01)
                seen.append(running.agent.strangers)
        return seen

    assert asyncio.run(serve()) == [False, True, False]


@pytest.fixture
def without_model(monkeypatch):
    """Sentences are understood by heart."""
    async def understood(thing, text, present, brain, larger=None):
        return by_heart(text, present)

    monkeypatch.setattr(service, "Brain", NoBrain)
    monkeypatch.setattr(service, "understand", understood)


@contextlib.asynccontextmanager
async def serving(config):
    """A whole agent."""
    ready = asyncio.Event()
    task = asyncio.create_task(service.run(config, ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((task, waiting), timeout=10, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def heard(link, wanted, within_s=5):
    """The payload of the first message on a topic that `wanted` takes."""
    async with asyncio.timeout(within_s):
        async for message in link:
            message.ack()
            fields = json.loads(message.payload) if message.payload else None
            if wanted(message.topic, fields):
                return fields


@pytest.mark.skipif(mosquitto_path() is None, reason="NOT TESTED: mosquitto is not installed")
def test_agent_over_a_real_broker(tmp_path, without_model):
    async def body():
        async with start_broker(tmp_path / "broker", {HOST: "p", "coordinator": "c"}) as broker:
            config = Config(HOST, ENTRIES, tmp_path / "s.db", broker=broker.url, user=HOST, password="p", zone="UTC")
            status, gone = topics.status(SITE, HOST), topics.description(SITE, HOST, "old-lamp")
            async with Link(broker.url, "c", username="coordinator", password="c") as link:
                await link.publish(status, Status("lost", 41).payload(), retain=True)
                await link.publish(gone, b"{}", retain=True)
                await link.subscribe(topics.site_topic(SITE, "#"))
                async with serving(config):
                    found = await heard(link, lambda topic, fields: topic == status and fields["state"] == "ready")
                    assert found["epoch"] == 42
                    await heard(link, lambda topic, fields: topic == gone and fields is None)
                    subtask = {"id": "1", "command": "c", "text": "turn on", "deadline_ms": 2**42}
                    link.publish_soon(topics.subtask(SITE, HOST, LAMP), json.dumps(subtask).encode())
                    await heard(link, lambda topic, fields: topic.endswith("report") and fields["state"] == "done")
                    # A will of an earlier connection, late.
                    link.publish_soon(status, Status("lost", 41).payload(), retain=True)
                    await heard(link, lambda topic, fields: topic == status and fields["state"] == "ready")
                assert await heard(link, lambda topic, fields: topic == status) == {"state": "stopped", "epoch": 42}

    asyncio.run(body())


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_account_of_somebody_else_is_one_sentence(tmp_path, without_model, monkeypatch, kind):
    if kind == "mosquitto" and mosquitto_path() is None:
        pytest.skip("NOT TESTED: mosquitto is not installed")
    monkeypatch.setattr(service, "RETAINED_TIMEOUT_S", 0.5)

    async def body():
        async with start_broker(tmp_path / "broker", {HOST: "p", "other": "o"}, kind=kind) as broker:
            config = Config(HOST, ENTRIES, tmp_path / "s.db", broker=broker.url, user="other", password="o", zone="UTC")
            await service.run(config)

    with pytest.raises(RemoteError) as error:
        asyncio.run(body())
    assert "other" in str(error.value)
    assert HOST in str(error.value)


@pytest.mark.skipif(mosquitto_path() is None, reason="NOT TESTED: mosquitto is not installed")
def test_agent_goes_on_when_the_broker_was_killed(tmp_path, without_model):
    async def body():
        async with start_broker(tmp_path / "broker", {HOST: "p", "coordinator": "c"}) as broker:
            config = Config(HOST, ENTRIES, tmp_path / "s.db", broker=broker.url, user=HOST, password="p", zone="UTC")
            async with serving(config):
                await broker.kill()
                await broker.start()
                async with Link(broker.url, "c", username="coordinator", password="c") as link:
                    await link.subscribe(topics.site_topic(SITE, "#"))
                    await heard(link, lambda topic, fields: topic.endswith("/td"), 10)
                    subtask = {"id": "1", "command": "c", "text": "ring", "deadline_ms": 2**42}
                    link.publish_soon(topics.subtask(SITE, HOST, BELL), json.dumps(subtask).encode())
                    await heard(link, lambda topic, fields: topic.endswith("report") and fields["state"] == "done")

    asyncio.run(body())

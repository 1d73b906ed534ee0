"""Nothing lost, nothing twice: real processes over a real mosquitto, killed in the middle of orders.

The bell counts its own rings, outside of what the runtime keeps."""

import asyncio
import random

import pytest

from firmware_py.core import topics
from firmware_py.host.broker import mosquitto_path
from sim.recovery import HOST, ORDER, POINTS, THING, bench, trial

if mosquitto_path() is None:
    pytest.skip("NOT TESTED: mosquitto is not installed; 'apt install mosquitto' and run again",
                allow_module_level=True)


def with_bell(tmp_path, body):
    """Run `body(bell)` with a house that has a bell."""
    async def run():
        async with bench(tmp_path) as bell:
            await body(bell)

    asyncio.run(run())


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_ends_in_the_right_state_and_never_acts_twice(tmp_path, point):
    async def body(bell):
        rng = random.Random(point)
        for _ in range(2):
            came = await trial(bell, point, rng)
            assert not came.lost, came
            assert not came.acted_twice, came
            assert not came.wrong_state, came

    with_bell(tmp_path, body)


def test_a_redelivered_command_acts_once(tmp_path):
    async def body(bell):
        results = [await bell.order("again", wait_s=20)]
        for _ in range(3):
            heard = len(bell.person.replies["again"])
            await bell.person.send(id="again", text=ORDER)
            results.append(await bell.person.reply("again", "result", after=heard))
        assert all(result == results[0] for result in results)
        assert results[0]["status"] == "ok"
        assert bell.rings == 1

    with_bell(tmp_path, body)


def test_a_redelivered_subtask_is_answered_with_the_stored_report(tmp_path):
    async def body(bell):
        site, sent = bell.house.world.site, []
        link, hear = bell.observer.link, bell.observer.heard
        bell.observer.heard = lambda message: (
            sent.append(message.payload) if message.topic.endswith("/subtask") else hear(message))
        await link.subscribe(topics.subtask(site, HOST, THING))

        def ends():
            return [heard.report for heard in bell.observer.reports if heard.report.state == "done"]

        await bell.order("once", wait_s=20)
        told = len(ends())
        await link.publish(topics.subtask(site, HOST, THING), sent[0])
        assert await bell.observer.until(lambda: len(ends()) > told or None, 5)
        assert (ends()[-1].id, ends()[-1].attempt) == (ends()[0].id, ends()[0].attempt)
        assert bell.rings == 1
        await bell.house.agents[HOST].kill()
        await bell.restart("agent")
        await link.publish(topics.subtask(site, HOST, THING), sent[0])
        await asyncio.sleep(2)
        assert bell.rings == 1

    with_bell(tmp_path, body)


def test_a_device_that_was_away_gets_its_subtask_when_it_returns(tmp_path):
    async def body(bell):
        await bell.kill("agent")
        await bell.observer.until(lambda: bell.observer.hosts.get(HOST) == "lost" or None, 10)
        await bell.person.send(id="later", text=ORDER)
        assert await bell.person.reply("later", "result", timeout_s=1) is None
        await bell.restart("agent")
        result = await bell.person.reply("later", "result", timeout_s=20)
        assert result["steps"][0]["state"] == "done"
        assert bell.rings == 1

    with_bell(tmp_path, body)


def test_a_device_that_returns_after_the_deadline_does_not_act(tmp_path):
    async def body(bell):
        await bell.kill("agent")
        await bell.observer.until(lambda: bell.observer.hosts.get(HOST) == "lost" or None, 10)
        await bell.person.send(id="late", text=ORDER)
        await bell.person.reply("late", "plan", timeout_s=5)
        await bell.house.advance(200)
        result = await bell.person.reply("late", "result", timeout_s=10)
        assert result["steps"][0]["state"] == "expired"
        await bell.restart("agent")
        await bell.observer.until(lambda: bell.observer.hosts.get(HOST) == "ready" or None, 15)
        await asyncio.sleep(1)
        assert bell.rings == 0

    with_bell(tmp_path, body)

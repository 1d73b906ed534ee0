"""Clocks: sleepers wake when time is advanced, and only then."""

import asyncio

import pytest

from firmware_py.host.clock import AdjustableClock, SystemClock


def test_sleepers_wake_when_time_is_advanced_past_their_moment():
    async def body():
        clock, woken = AdjustableClock(running=False), []

        async def sleeper(seconds):
            await clock.sleep(seconds)
            woken.append(seconds)

        tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (300, 10, 600)]
        await asyncio.sleep(0.01)
        assert woken == []
        clock.advance(299)
        await asyncio.sleep(0.01)
        assert woken == [10]
        clock.advance(1)
        await asyncio.sleep(0.01)
        assert woken == [10, 300]
        clock.advance(1000)
        await asyncio.gather(*tasks)
        assert woken == [10, 300, 600]

    asyncio.run(body())


def test_a_running_clock_also_moves_by_itself():
    async def body():
        clock = AdjustableClock()
        before = clock.now_ms()
        await asyncio.wait_for(clock.sleep(0.03), 1)
        assert clock.now_ms() - before >= 29

    asyncio.run(body())


def test_a_corrected_wall_clock_wakes_who_waits_for_a_wall_time_and_lets_no_time_pass():
    async def body():
        clock = AdjustableClock(start_ms=1_000_000, running=False)
        wall = asyncio.create_task(clock.wait_until(1_060_000))
        slept = asyncio.create_task(clock.sleep(60))
        await asyncio.sleep(0.01)
        clock.jump_wall(60)
        await asyncio.wait_for(wall, 1)
        assert not slept.done()
        assert clock.monotonic() == 0
        slept.cancel()

    asyncio.run(body())


def test_time_is_not_advanced_backwards():
    with pytest.raises(ValueError, match="does not go back"):
        AdjustableClock().advance(-1)


def test_the_system_clock_waits_for_a_wall_time():
    async def body():
        clock = SystemClock()
        await asyncio.wait_for(clock.wait_until(clock.now_ms() + 20), 1)
        await clock.wait_until(0)

    asyncio.run(body())

"""Programs on the Pi: the traces of `transitions` are those of core, and drivers never hold the loop."""

import asyncio
import itertools
import json
import threading
import time
from pathlib import Path

import pytest

from device_agent.execute import LEFT_MAX, Hands, HandsError, Run, draw
from firmware_py.core import program as core
from firmware_py.core.errors import ProgramError

EXAMPLES = json.loads((Path(__file__).parents[1] / "core" / "programs.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_executor_gives_the_traces_of_core(example):
    for run in example["runs"]:
        machine, refused = Run(example["program"]), None
        trace = [machine.at]
        for event in run["events"]:
            try:
                trace.append(machine.step(event))
            except ProgramError:
                refused = event
                break
        assert trace == run["states"]
        assert refused == run.get("refused")
        assert machine.end == run["end"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_executor_and_core_agree_on_every_event_of_every_state(example):
    made = example["program"]
    for state, event in itertools.product(made["states"], core.EVENTS):
        machine = Run(made, state)
        assert machine.effect == core.effect(made, state)
        try:
            wanted = core.step(made, state, event)
        except ProgramError:
            with pytest.raises(ProgramError):
                machine.step(event)
        else:
            assert machine.step(event) == wanted


def test_names_in_a_program_never_become_code(tmp_path):
    names = ["__class__", "trigger", "os-system", "step", "at", "is_s0"]
    rows = {name: {"do": ["read", "x"], "on": {"ok": following, "error": "end"}}
            for name, following in itertools.pairwise([*names, "end"])}
    made = {"thing": "t", "initial": names[0], "states": {**rows, "end": {"end": "done"}}}
    machine = Run(made)
    assert [machine.step("ok") for _ in names] == [*names[1:], "end"]


def test_unsound_program_or_unknown_state_is_refused():
    made = EXAMPLES[0]["program"]
    with pytest.raises(ProgramError):
        Run({**made, "initial": "nowhere"})
    with pytest.raises(ProgramError, match="nowhere"):
        Run(made, "nowhere")


def test_drawing_has_every_state_and_transition():
    for example in EXAMPLES:
        made = example["program"]
        drawn = draw(made, "A title")
        assert "stateDiagram-v2" in drawn
        assert "A title" in drawn
        for name, row in made["states"].items():
            assert f'"{name}"' in drawn
            for target in row.get("on", {}).values():
                assert f"{name} --> {target}: " in drawn


def test_calls_to_one_driver_come_in_order_and_in_a_thread():
    async def body():
        hands, seen = Hands("x"), []
        await asyncio.gather(*(hands.begin(seen.append, number) for number in range(20)))
        thread = await hands.begin(threading.current_thread)
        hands.stop()
        return seen, thread

    seen, thread = asyncio.run(body())
    assert seen == list(range(20))
    assert thread.daemon
    assert thread is not threading.main_thread()


def test_what_a_driver_raises_is_raised():
    async def body():
        await Hands("x").do(int, "five", timeout_s=5)

    with pytest.raises(ValueError, match="five"):
        asyncio.run(body())


def test_call_that_hangs_is_left_behind_and_the_next_one_goes_on():
    release = threading.Event()

    async def body():
        hands = Hands("x")
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            await hands.do(release.wait, 30, timeout_s=0.05)
        assert await hands.do(lambda: "next", timeout_s=5) == "next"
        release.set()
        hands.stop()
        return time.monotonic() - start

    assert asyncio.run(body()) < 5


def test_call_that_waits_behind_one_that_hangs_goes_on_without_it():
    release, seen = threading.Event(), []

    async def body():
        hands = Hands("x")
        hanging, waiting = hands.begin(release.wait, 30), hands.begin(seen.append, 1)
        with pytest.raises(TimeoutError):
            await hands.within(0.05, hanging)
        await hands.within(5, waiting)
        release.set()
        hands.stop()

    asyncio.run(body())
    assert seen == [1]


def test_call_that_nobody_waits_for_any_more_is_never_begun():
    release, seen = threading.Event(), []

    async def body():
        hands = Hands("x")
        hanging, late = hands.begin(release.wait, 30), hands.begin(seen.append, "late")
        with pytest.raises(TimeoutError):
            await hands.within(0.05, late)
        release.set()
        await hanging
        assert await hands.do(lambda: "next", timeout_s=5) == "next"
        hands.stop()

    asyncio.run(body())
    assert seen == []


def test_driver_that_hangs_for_ever_does_not_eat_threads_without_end():
    release = threading.Event()

    async def body():
        hands = Hands("hanging")
        for _ in range(LEFT_MAX):
            with pytest.raises(TimeoutError):
                await hands.do(release.wait, 30, timeout_s=0.01)
        with pytest.raises(HandsError, match="gets no more"):
            await hands.do(lambda: "next", timeout_s=5)
        release.set()
        while any(thread.name == "hanging" for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        assert await hands.do(lambda: "next", timeout_s=5) == "next"
        hands.stop()

    asyncio.run(body())

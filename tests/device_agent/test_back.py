"""Taking back what a subtask did: the Thing is what it was, or says why it is not."""

import pytest
from small_host import BELL, LAMP, LOCK, MOTION, SmallHost, states

from device_agent.outbox import Act


@pytest.fixture
def host():
    """A running host."""
    return SmallHost()


def lamp(host):
    return {name: host.devices[LAMP].read(name) for name in ("on", "brightness", "colour")}


def put(host, thing, **now):
    for name, value in now.items():
        host.devices[thing].put(name, value)
    host.give(host.agent.changed, thing)
    host.leave()


def back(host, target="1", thing=LAMP, id="2", **more):
    return host.say("put it back", thing, id=id, undo=target, **more)


@pytest.mark.parametrize("first", [{}, {"on": True}, {"brightness": 30}])
@pytest.mark.parametrize("said", ["turn on", "turn off", "brightness 60", "brightness 0", "brightness 60; turn off",
                                  "turn off; brightness 60", "brighter", "toggle"])
def test_thing_is_what_it_was_before(host, first, said):
    put(host, LAMP, **first)
    before = lamp(host)
    assert host.say(said)[-1].state == "done"
    assert states(back(host))[-1] == "done"
    assert lamp(host)["on"] == before["on"]
    assert not before["on"] or lamp(host) == before


def test_it_takes_back_as_often_as_it_is_told_once(host):
    host.say("turn on")
    subtask = back(host)
    mark = len(host.published)
    assert subtask[-1].state == "done"
    back(host)
    assert [report.state for report in host.reports(since=mark)] == ["done"]
    assert lamp(host)["on"] is False


def test_taking_back_can_be_taken_back(host):
    host.say("turn on")
    back(host)
    assert back(host, "2", id="3")[-1].state == "done"
    assert lamp(host)["on"] is True


def test_nothing_is_taken_back_where_something_else_was_said_since(host):
    host.say("turn on")
    host.say("brightness 20", id="other")
    [report] = back(host)
    assert (report.state, report.code) == ("rejected", "no_undo")
    assert "something else since" in report.reason
    assert lamp(host)["brightness"] == 20


@pytest.mark.parametrize(("said", "thing"), [("ring", BELL), ("what on", LAMP), ("sing", LAMP)])
def test_what_cannot_go_back_is_said(host, said, thing):
    host.say(said, thing)
    rings = host.devices[BELL].read("rings")
    [report] = back(host, thing=thing)
    assert (report.state, report.code) == ("rejected", "no_undo")
    assert host.devices[BELL].read("rings") == rings


def test_subtask_that_never_came_is_not_taken_back(host):
    assert [(report.state, report.code) for report in back(host, "never")] == [("rejected", "no_undo")]


def test_lock_is_locked_again_but_never_unlocked_by_taking_back(host):
    assert host.say("unlock", LOCK, grant="hash")[-1].state == "done"
    assert back(host, thing=LOCK)[-1].state == "done"
    assert host.devices[LOCK].read("locked") is True
    put(host, LOCK, locked=False)
    assert host.say("lock", LOCK, id="3")[-1].state == "done"
    assert back(host, "3", LOCK, id="4", grant="hash")[-1].code == "no_undo"
    assert host.devices[LOCK].read("locked") is True


def test_it_waits_for_what_it_takes_back(host):
    host.hold.add(Act)
    host.say("turn on")
    back(host)
    host.release()
    assert lamp(host)["on"] is False
    assert host.reports(LAMP)[-1].id == "2"


def test_it_survives_a_kill(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("turn on")
    host.hold.add(Act)
    back(host)
    host.kill()
    host.start(epoch=2)
    host.release()
    assert lamp(host)["on"] is False
    assert host.reports(LAMP)[-1].state == "done"


def test_rule_that_is_armed_is_not_taken_back(host):
    host.say("turn on", guard=MOTION)
    assert back(host)[-1].code == "no_undo"

"""What the demo draws."""

import io

import pytest
from rich.console import Console

from firmware_py.core.messages import Report
from sim.audience import Heard
from sim.show import Scene, call_in_words, in_words


def drawn(scene):
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(scene.render())
    return console.export_text()


def report(state, **more):
    fields = {"id": "sub-1", "state": state, "t_ms": 1, **more}
    return Heard("hall-lamp", Report.parse(fields))


def test_a_scene_shows_order_sentence_machine_and_answer():
    scene = Scene(1, 12, "one device")
    scene.said("o1", "turn on the hall lamp")
    scene.replied({"kind": "plan", "id": "o1", "steps": [
        {"id": "s1", "thing": "urn:motewise:hall-lamp", "text": "turn on the Hall lamp"}]})
    for heard in (report("accepted"), report("running", step="call_1"), report("running", step="call_1"),
                  report("done", calls=[{"action": "turn_on", "input": {}}])):
        scene.reported(heard)
    scene.replied({"kind": "result", "id": "o1", "status": "ok", "reply": "Done."})
    text = drawn(scene)
    assert "turn on the hall lamp" in text
    assert "“turn on the Hall lamp”" in text
    assert "accepted → call_1 → done" in text
    assert "turn_on()" in text
    assert text.rstrip().endswith("Done.")


def test_each_order_of_a_scene_has_its_plan_below_it():
    scene = Scene(1, 1, "a correction")
    for order, thing in (("o1", "hall-lamp"), ("o2", "mirror-lamp")):
        scene.said(order, f"say {order}")
        scene.replied({"kind": "plan", "id": order, "steps": [{"id": "s1", "thing": thing, "text": f"for {thing}"}]})
        scene.replied({"kind": "result", "id": order, "status": "ok", "reply": f"Done {order}."})
    text = drawn(scene)
    shown = ["say o1", "“for hall-lamp”", "Done o1.", "say o2", "“for mirror-lamp”", "Done o2."]
    assert sorted(shown, key=text.index) == shown


def test_replies_to_others_are_not_shown():
    scene = Scene(1, 1, "one device")
    scene.said("o1", "x")
    scene.replied({"kind": "result", "id": "other", "status": "ok", "reply": "Not mine."})
    assert "Not mine" not in drawn(scene)


@pytest.mark.parametrize(("guard", "words"), [
    (None, ""),
    ({"at": "07:30"}, "it is 07:30"),
    ({"at": "07:30", "days": ["mon", "tue"]}, "it is 07:30 on mon, tue"),
    ({"every_s": 60}, "every 60 s"),
    ({"at_ms": 5}, "the moment comes"),
    ({"thing": "urn:motewise:hall-motion", "property": "occupied", "op": "eq", "value": False, "for_s": 300},
     "hall-motion.occupied = False for 300 s"),
    ({"any": [{"at": "07:30"}, {"every_s": 5}]}, "it is 07:30 or every 5 s"),
])
def test_guards_on_one_line(guard, words):
    assert in_words(guard) == words


@pytest.mark.parametrize(("call", "words"), [
    ({"action": "set", "input": {"to": 3}}, "set(to=3)"),
    ({"action": "set", "input": 3}, "set(3)"),
    ({"action": "stop"}, "stop()"),
    ({"property": "on", "value": True}, "on = True"),
])
def test_calls_on_one_line(call, words):
    assert call_in_words(call) == words

"""The simulated house and the demo's scenes are data: is the data whole?"""

import re
import tomllib

import pytest

from sim.demo import SCENARIO, STEPS
from sim.house import World

WORLD = World.read()
THINGS = {entry["id"].split(":")[-1]: entry for host in WORLD.hosts for entry in host.things}
SCENES = tomllib.loads(SCENARIO.read_text("utf-8"))["scene"]


def test_the_house_is_big_enough():
    assert len(THINGS) >= 14
    assert len({entry["room"] for entry in THINGS.values()}) >= 6
    assert len({entry["floor"] for entry in THINGS.values()}) == 2
    assert len(WORLD.hosts) >= 6
    assert {1} < {len(host.things) for host in WORLD.hosts}


def test_every_kind_of_thing_is_there():
    kinds = {entry["driver"].split(":")[-1] for entry in THINGS.values()}
    assert kinds == {"Light", "Blind", "Thermostat", "MotionSensor", "TemperatureSensor", "HumiditySensor",
                     "DoorSensor", "Lock", "Fan", "Speaker", "Vacuum", "Socket"}


def test_a_thing_knows_its_host():
    assert WORLD.host_of("robot-vacuum") == "vacuum"


def test_there_are_enough_scenes_and_each_covers_something_else():
    assert len(SCENES) >= 12
    assert len({scene["covers"] for scene in SCENES}) == len(SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["covers"])
def test_a_scene_says_something_and_checks_what_came_of_it(scene):
    kinds = [next(iter(step)) for step in scene["do"]]
    assert set(kinds) <= set(STEPS)
    assert "say" in kinds
    assert {"result", "now", "still", "rises", "tells"} & set(kinds)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["covers"])
def test_a_scene_names_only_what_is_in_the_house(scene):
    hosts = {host.name for host in WORLD.hosts}
    for step in scene["do"]:
        for key in ("now", "still", "world"):
            for name in step.get(key, {}):
                assert name.split("/")[0] in THINGS
        for key in ("rises", "tells"):
            assert re.split("/", step.get(key, "hall-lamp/on"))[0] in THINGS
        assert set(step.get("armed", ())) <= set(THINGS)
        assert {step[key] for key in ("kill", "start") if key in step} <= hosts

"""The whole demo as a person starts it, over each kind of broker; and that nothing is left of it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firmware_py.core.errors import LocalError
from firmware_py.host.broker import mosquitto_path
from sim import demo
from sim.house import World

MOTEWISE = [sys.executable, "-m", "firmware_py.host.cli"]


def left_over(folder):
    """Processes that mention `folder` on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if str(folder).encode() in words and state != "Z":
                found.append(words.replace(b"\0", b" ").decode(errors="replace"))
    return found


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_every_outcome_of_the_demo_is_right(tmp_path, kind):
    if kind == "mosquitto" and mosquitto_path() is None:
        pytest.skip("NOT TESTED: mosquitto is not installed")
    done = subprocess.run([*MOTEWISE, "demo", "--json", "--keep", str(tmp_path), "--broker-kind", kind],
                          capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-8000:]
    assert "outcomes were right" in done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [outcome["wrong"] for outcome in outcomes] == [None] * len(demo.read_script()["scene"])
    assert left_over(tmp_path) == []


def test_serving_leaves_nothing_behind_after_ctrl_c(tmp_path):
    process = subprocess.Popen([*MOTEWISE, "demo", "--serve", "--keep", str(tmp_path)], stdout=subprocess.PIPE,
                               text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert "The house is running" in process.stdout.readline()
        config = {**os.environ, "MOTEWISE_CONFIG": str(tmp_path / "motewise.toml")}
        asked = subprocess.run([*MOTEWISE, "ask", "turn on the hall lamp"], env=config, capture_output=True, text=True,
                               timeout=60, check=False)
        assert asked.returncode == 0, asked.stdout + asked.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert wait_until(lambda: not left_over(tmp_path)), left_over(tmp_path)
    finally:
        process.kill()


def test_a_demo_that_is_killed_leaves_no_agent_behind(tmp_path):
    process = subprocess.Popen([*MOTEWISE, "demo", "--serve", "--keep", str(tmp_path)], stdout=subprocess.PIPE,
                               text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    process.stdout.readline()
    process.kill()
    process.wait()
    assert wait_until(lambda: not left_over(tmp_path)), left_over(tmp_path)


@pytest.mark.parametrize(("option", "content"), [
    ("--world", None), ("--world", "site ="), ("--world", 'site = "home"'), ("--world", "site = 1\nstarts = 2"),
    ("--scenario", None), ("--scenario", "drifting = []"), ("--scenario", "scene = [{do = [{fly = 1}]}]"),
    ("--scenario", 'drifting = []\nscene = [{covers = "x", do = [{fly = 1}]}]'),
])
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, option, content):
    path = tmp_path / "file.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(LocalError) as error:
        World.read(path) if option == "--world" else demo.read_script(path)
    assert str(path) in str(error.value)
    assert str(error.value).endswith(".")


def test_a_world_that_cannot_start_is_one_sentence(tmp_path):
    world = tmp_path / "world.toml"
    world.write_text('site = "home"\nzone = "UTC"\nstarts = "2026-03-02T12:00:00"\nperson = "ann"\n'
                     '[[host]]\nname = "a"\n[[host.thing]]\nid = "urn:motewise:x"\ntitle = "X"\n'
                     'driver = "no.such:Driver"\n')
    done = subprocess.run([*MOTEWISE, "demo", "--world", str(world), "--keep", str(tmp_path / "house")],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "a" in done.stderr
    assert left_over(tmp_path / "house") == []

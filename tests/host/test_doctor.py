"""The doctor: finds each trap in a broker that has it, and none in the one we ship."""

import asyncio
import contextlib
import subprocess

import pytest

from firmware_py.core.messages import Status
from firmware_py.host import doctor
from firmware_py.host.broker import free_port, mosquitto_path, start_broker
from firmware_py.host.link import Link
from firmware_py.host.settings import Settings


def findings(check, settings):
    async def body():
        return [finding async for finding in check(settings)]

    return asyncio.run(body())


def told(found, level):
    return [finding.what for finding in found if finding.level == level]


@contextlib.contextmanager
def plain_mosquitto(tmp_path, extra):
    """mosquitto as somebody might have configured it."""
    port = free_port()
    config = tmp_path / "plain.conf"
    config.write_text(f"listener {port} 127.0.0.1\n{extra}\n")
    process = subprocess.Popen([mosquitto_path(), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        yield Settings(f"mqtt://127.0.0.1:{port}", "home", "pi", "x")
    finally:
        process.kill()
        process.wait()


def test_our_broker_has_no_problem(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, {"pi": "x"}, kind=mosquitto) as broker:
            return [finding async for finding in doctor.broker(Settings(broker.url, "home", "pi", "x"))]

    found = asyncio.run(body())
    assert told(found, "problem") == []
    assert "1201 messages waited for a client that was away." in told(found, "good")
    assert "It keeps retained messages." in told(found, "good")
    assert "It refuses strangers." in told(found, "good")


def test_an_open_broker_with_default_limits_is_told(tmp_path, mosquitto):
    with plain_mosquitto(tmp_path, "allow_anonymous true") as settings:
        found = findings(doctor.broker, settings)
    problems = told(found, "problem")
    assert any("lets strangers in: locks and doors are refused" in problem for problem in problems)
    assert any("were kept" in problem for problem in problems)
    assert any("take" in problem and "ms" in problem for problem in problems)  # no set_tcp_nodelay
    assert all(finding.advice for finding in found if finding.level == "problem")


def test_a_broker_that_keeps_nothing_is_told(tmp_path, mosquitto):
    with plain_mosquitto(tmp_path, "allow_anonymous true\nretain_available false") as settings:
        assert any("nobody would know the devices" in problem
                   for problem in told(findings(doctor.broker, settings), "problem"))


def test_a_wrong_password_is_told(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, {"pi": "x"}, kind=kind) as broker:
            return [finding async for finding in doctor.broker(Settings(broker.url, "home", "pi", "wrong"))]

    assert told(asyncio.run(body()), "problem") == ["It refuses the user 'pi' with this password."]


def test_nobody_there_is_told():
    found = findings(doctor.broker, Settings(f"mqtt://127.0.0.1:{free_port()}", "home", None, None))
    assert "Nobody answers" in told(found, "problem")[0]


def test_ready_and_lost_devices_and_their_bad_words_are_told(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, {"coordinator": "c", "a": "x"}, kind=kind) as broker:
            async with Link(broker.url, "c", username="coordinator", password="c") as link:
                await link.publish("motewise/1/home/a/status", Status("ready", 1).payload(), retain=True)
                await link.publish("motewise/1/home/b/status", Status("lost", 1).payload(), retain=True)
                await link.publish("motewise/1/home/c/status", b"{", retain=True)
            return [finding async for finding in doctor.devices(Settings(broker.url, "home", "coordinator", "c"))]

    found = asyncio.run(body())
    assert "a is ready." in told(found, "good")
    assert set(told(found, "problem")) == {
        "b is lost.", "motewise/1/home/c/status: The message is not valid JSON."}


@pytest.mark.parametrize("error", [OSError("disk on fire"), ValueError("disk on fire.")])
def test_a_check_that_breaks_is_itself_a_finding(monkeypatch, error):
    async def broken(settings):
        raise error
        yield

    monkeypatch.setattr(doctor, "machine", broken)
    found = findings(doctor.examine, Settings(f"mqtt://127.0.0.1:{free_port()}", "home", None, None))
    assert "The check ended early: disk on fire." in told(found, "problem")


@pytest.mark.parametrize("memory", ["MemAvailable:     1024 kB\n", "MemAvailable:  9999999 kB\n"])
def test_little_memory_is_told(monkeypatch, memory):
    monkeypatch.setattr(doctor, "_free_memory_mib", lambda: int(memory.split()[1]) // 1024)
    found = findings(doctor.machine, Settings("mqtt://x", "home", None, None))
    short = any("of memory are free; the model needs" in what for what in told(found, "problem"))
    assert short is ("1024 kB" in memory)

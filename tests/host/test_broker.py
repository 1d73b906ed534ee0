"""Brokers that we start: loopback only, passwords, and nobody speaks for another."""

import asyncio
import contextlib
import shutil
import socket
import subprocess

import pytest

from firmware_py.core.errors import MessageError, RemoteError
from firmware_py.host import accounts, probe
from firmware_py.host.broker import Broker, BrokerError, find_kind, free_port, start_broker
from firmware_py.host.link import Link

USERS = {"pi": "a", "other": "b", "coordinator": "c"}
PEOPLE = {"ann": "d"}
PASSWORDS = {**USERS, **PEOPLE}


def link(broker, name):
    return Link(broker.url, f"test-{name}", username=name, password=PASSWORDS[name], clean_session=True)


# Who says something where, and who is to hear it: (speaker, topic, listener, heard)
CASES = [
    ("pi", "motewise/1/home/pi/lamp/report", "coordinator", True),
    ("pi", "motewise/1/home/other/lamp/report", "coordinator", False),
    ("pi", "motewise/1/home/other/status", "coordinator", False),
    ("pi", "motewise/1/home/command/ann", "coordinator", False),
    ("pi", "motewise/1/home/command/pi", "coordinator", False),
    ("pi", "motewise/1/home/reply/ann", "ann", False),
    ("pi", "motewise/1/home/time", "other", False),
    ("pi", "elsewhere/pi/x", "coordinator", False),
    ("pi", "motewise/1/home/other/lamp/subtask", "other", False),
    ("other", "motewise/1/home/other/motion/property/occupied", "pi", True),
    ("other", "motewise/1/home/other/status", "pi", True),
    ("other", "motewise/1/home/other/motion/report", "pi", False),
    ("coordinator", "motewise/1/home/other/lamp/subtask", "other", True),
    ("coordinator", "motewise/1/home/other/lamp/subtask", "pi", False),
    ("coordinator", "motewise/1/home/time", "pi", True),
    ("coordinator", "motewise/1/home/reply/ann", "ann", True),
    ("coordinator", "motewise/1/home/reply/ann", "pi", False),
    ("ann", "motewise/1/home/command/ann", "coordinator", True),
    ("ann", "motewise/1/home/command/bob", "coordinator", False),
    ("ann", "motewise/1/home/pi/lamp/subtask", "pi", False),
    ("ann", "motewise/1/home/pi/lamp/property/on/set", "pi", False),
]


def test_nobody_speaks_for_another(tmp_path, kind):
    async def body():
        async with contextlib.AsyncExitStack() as stack:
            broker = await stack.enter_async_context(start_broker(tmp_path, USERS, PEOPLE, kind=kind))
            links = {name: await stack.enter_async_context(link(broker, name)) for name in PASSWORDS}
            for speaker, topic, listener, heard in CASES:
                try:
                    await links[listener].subscribe(topic)
                except RemoteError:  # amqtt refuses the subscription itself
                    assert not heard, (speaker, topic, listener)
                    continue
                await links[speaker].publish(topic, b"{}")
                # mosquitto acknowledges what it drops; a permitted message behind it shows the end.
                marker = f"motewise/1/home/{listener}/end/report"
                await links[listener].subscribe(marker)
                await asyncio.sleep(0.02)
                await links[listener].publish(marker, b"end")
                found = []
                async with asyncio.timeout(5):
                    async for message in links[listener]:
                        message.ack()
                        if message.topic == marker:
                            break
                        found.append(message.topic)
                assert found == ([topic] if heard else []), (speaker, topic, listener)
                await links[listener].unsubscribe(topic)

    asyncio.run(body())


def test_a_retained_message_of_another_is_not_heard(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker, link(broker, "other") as other, \
                link(broker, "pi") as pi:
            await other.publish("motewise/1/home/other/lamp/td", b"{}", retain=True)
            with contextlib.suppress(RemoteError):
                await pi.subscribe("motewise/1/home/other/lamp/td")
                await pi.subscribe("motewise/1/#")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await anext(aiter(pi))

    asyncio.run(body())


def test_strangers_are_refused_and_the_probe_sees_it(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker:
            assert await probe.answers(broker.url)
            assert not await probe.lets_strangers_in(broker.url)
            assert await probe.accepts(broker.url, "pi", "a")
            assert not await probe.accepts(broker.url, "pi", "wrong")
            assert 0 < await probe.round_trip_ms(broker.url, "pi", "a", "home") < 40

    asyncio.run(body())


def test_an_open_broker_is_found_out(tmp_path, mosquitto):
    async def body():
        port = free_port()
        config = tmp_path / "open.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        process = subprocess.Popen(
            [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            url = f"mqtt://127.0.0.1:{port}"
            async with asyncio.timeout(5):
                while not await probe.answers(url):
                    await asyncio.sleep(0.05)
            assert await probe.lets_strangers_in(url)
        finally:
            process.kill()
            process.wait()

    asyncio.run(body())


def test_it_listens_on_loopback_only(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker:
            with open("/proc/net/tcp") as table:
                listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
            ours = [address for address in listening if int(address.split(":")[1], 16) == broker.port]
            assert ours == [f"0100007F:{broker.port:04X}"]

    asyncio.run(body())


def test_a_clean_stop_keeps_what_is_queued(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker:
            async with Link(broker.url, "pi", username="pi", password="a") as pi:
                await pi.subscribe("motewise/1/home/pi/+/subtask")
            async with link(broker, "coordinator") as brain:
                await brain.publish("motewise/1/home/pi/lamp/subtask", b"kept")
            await broker.stop()
            await broker.start()
            async with Link(broker.url, "pi", username="pi", password="a") as pi, asyncio.timeout(5):
                assert (await anext(aiter(pi))).payload == b"kept"

    asyncio.run(body())


def test_an_account_added_while_it_runs_gets_in(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker:
            assert not await probe.accepts(broker.url, "bob", "e")
            await broker.add_user("bob", "e", person=True)
            assert await probe.accepts(broker.url, "bob", "e")

    asyncio.run(body())


def test_a_busy_port_is_one_sentence(tmp_path, kind):
    async def body():
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(BrokerError, match="Something listens on port"):
                await Broker(tmp_path, taken.getsockname()[1], kind).start()

    asyncio.run(body())


def test_a_kind_that_nobody_knows_is_one_sentence():
    with pytest.raises(BrokerError, match="choose mosquitto or amqtt"):
        find_kind("hivemq")


def test_our_hash_is_the_one_mosquitto_makes(tmp_path):
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        pytest.skip("NOT TESTED: mosquitto_passwd is not installed")
    subprocess.run([tool, "-b", "-c", str(tmp_path / "passwords"), "pi", "secret"], check=True)
    hashed = accounts.read_passwords(tmp_path)["pi"]
    assert accounts.password_matches("secret", hashed)
    assert not accounts.password_matches("Secret", hashed)
    assert accounts.password_matches("x", accounts.hash_password("x"))


@pytest.mark.parametrize("hashed", ["", "x", "$6$a$b", "$7$x$y$z", "$7$1$%$%", "$$$$"])
def test_a_damaged_password_line_lets_nobody_in(hashed):
    assert not accounts.password_matches("x", hashed)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "#", "+", "command", "x:y", "a\nb", "x" * 65])
def test_a_name_that_could_break_the_access_list_is_no_account(tmp_path, name):
    with pytest.raises(MessageError):
        accounts.add_user(tmp_path, name, "p")


@pytest.mark.parametrize(("filter", "topic", "is_covered"), [
    ("a/#", "a/b/c", True), ("a/+", "a/b", True), ("a/+", "a/b/c", False), ("a/+", "a/#", False), ("a/b", "a/+", False),
    ("a/+/c", "a/+/c", True), ("#", "a", True), ("a", "a", True), ("a/b", "a", False), ("a/#", "#", False),
])
def test_covering(filter, topic, is_covered):
    assert accounts.covers(filter, topic) is is_covered

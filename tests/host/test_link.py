"""The link over real brokers: it stays up by itself, sends each message once, and says clearly why it cannot."""

import asyncio
import contextlib
import shutil
import socket
import subprocess

import pytest

from firmware_py.core.errors import RemoteError
from firmware_py.host.broker import free_port, mosquitto_path, start_broker
from firmware_py.host.link import Address, AddressError, ConnectError, Link

USERS = {"pi": "secret-a", "coordinator": "secret-c"}
REPORT = "motewise/1/home/pi/lamp/report"
SUBTASK = "motewise/1/home/pi/lamp/subtask"


def pi(broker, **more):
    return Link(broker.url, "pi", username="pi", password="secret-a", **more)


def coordinator(broker, **more):
    return Link(broker.url, "coordinator", username="coordinator", password="secret-c", **more)


async def take(inbox, count, within_s=5.0):
    """The next `count` messages, acknowledged."""
    found = []
    async with asyncio.timeout(within_s):
        while len(found) < count:
            message = await anext(inbox)
            message.ack()
            found.append(message.payload)
    return found


async def assert_silence(inbox, for_s=0.3):
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            message = await anext(inbox)
            raise AssertionError(f"one message too many: {message}")


def test_messages_arrive_in_order_once_acknowledged(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker, pi(broker) as device, \
                coordinator(broker) as brain:
            await brain.subscribe("motewise/1/home/+/+/report")
            for number in range(200):
                device.publish_soon(REPORT, b"%d" % number)
            await device.publish(REPORT, b"last")
            inbox = aiter(brain)
            assert await take(inbox, 201) == [b"%d" % number for number in range(200)] + [b"last"]
            await assert_silence(inbox, 0.1)

    asyncio.run(body())


def test_both_ends_send_without_delay(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker, pi(broker) as device:
            sock = device._client.socket()
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert "set_tcp_nodelay true" in (tmp_path / "mosquitto.conf").read_text()

    asyncio.run(body())


def test_what_is_published_while_the_broker_is_down_arrives_once(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker, pi(broker) as device, \
                coordinator(broker) as brain:
            await device.subscribe(SUBTASK)
            await broker.stop()
            while brain.connected or device.connected:
                await asyncio.sleep(0.01)
            sent = [asyncio.create_task(brain.publish(SUBTASK, b"%d" % number)) for number in range(10)]
            await asyncio.sleep(0.2)
            assert not any(task.done() for task in sent)
            await broker.start()
            await asyncio.wait_for(asyncio.gather(*sent), 10)
            inbox = aiter(device)
            assert await take(inbox, 10) == [b"%d" % number for number in range(10)]
            await assert_silence(inbox)

    asyncio.run(body())


def test_a_killed_broker_is_found_again_and_filters_are_subscribed_again(tmp_path, kind):
    async def body():
        connects = []
        async with start_broker(tmp_path, USERS, kind=kind) as broker, pi(broker) as device, \
                coordinator(broker) as brain:
            device.on_connect.append(lambda: connects.append(1))
            await device.subscribe(SUBTASK)
            await broker.kill()
            await broker.start()
            async with asyncio.timeout(10):
                while not (connects and device.connected and brain.connected):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            await brain.publish(SUBTASK, b"again")
            assert await take(aiter(device), 1) == [b"again"]

    asyncio.run(body())


def test_an_unacknowledged_message_comes_again_after_a_reconnect(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker, coordinator(broker) as brain:
            async with pi(broker) as device:
                await device.subscribe(SUBTASK)
                await brain.publish(SUBTASK, b"kept")
                async with asyncio.timeout(2):
                    assert (await anext(aiter(device))).payload == b"kept"
            async with pi(broker) as device:
                assert await take(aiter(device), 1) == [b"kept"]
            async with pi(broker) as device:
                await assert_silence(aiter(device))

    asyncio.run(body())


def test_an_acknowledgement_of_an_earlier_connection_is_dropped(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker, pi(broker) as device:
            await device.subscribe(SUBTASK)
            async with coordinator(broker) as brain:
                await brain.publish(SUBTASK, b"first")
            inbox = aiter(device)
            early = await anext(inbox)
            await broker.stop()
            await broker.start()
            async with asyncio.timeout(10):
                again = await anext(inbox)
            early.ack()
            assert again.payload == b"first"
            again.ack()
            assert device.connected

    asyncio.run(body())


def test_messages_wait_for_a_client_that_is_away(tmp_path, mosquitto):
    async def body():
        async with start_broker(tmp_path, USERS, kind=mosquitto) as broker, coordinator(broker) as brain:
            async with pi(broker) as device:
                await device.subscribe(SUBTASK)
            for number in range(1500):
                brain.publish_soon(SUBTASK, b"%d" % number)
            await brain.publish(SUBTASK, b"end")
            async with pi(broker) as device:
                assert len(await take(aiter(device), 1501, 20)) == 1501

    asyncio.run(body())


def test_the_last_will_speaks_when_the_process_vanishes(tmp_path, kind):
    async def body():
        status = "motewise/1/home/pi/status"
        async with start_broker(tmp_path, USERS, kind=kind) as broker, coordinator(broker) as brain:
            await brain.subscribe("motewise/1/home/+/status")
            async with pi(broker, will=(status, b"lost")) as device:
                await device.publish(status, b"ready", retain=True)
                device._loop.remove_reader(device._client.socket())
                device._client.socket().shutdown(socket.SHUT_RDWR)
                assert await take(aiter(brain), 2) == [b"ready", b"lost"]

    asyncio.run(body())


def test_a_clean_goodbye_fires_no_will(tmp_path, kind):
    async def body():
        status = "motewise/1/home/pi/status"
        async with start_broker(tmp_path, USERS, kind=kind) as broker, coordinator(broker) as brain:
            await brain.subscribe("motewise/1/home/+/status")
            async with pi(broker, will=(status, b"lost")) as device:
                device.publish_soon(status, b"stopped", retain=True)
            inbox = aiter(brain)
            assert await take(inbox, 1) == [b"stopped"]
            await assert_silence(inbox)

    asyncio.run(body())


def test_a_wrong_password_is_one_sentence_at_once(tmp_path, kind):
    async def body():
        async with start_broker(tmp_path, USERS, kind=kind) as broker:
            with pytest.raises(ConnectError, match=r"refused the user 'pi'; check the user name and the password\.$"):
                async with asyncio.timeout(3), Link(broker.url, "pi", username="pi", password="wrong"):
                    pass

    asyncio.run(body())


def test_nobody_there_is_one_sentence_after_the_timeout():
    async def body():
        with pytest.raises(ConnectError, match="Nobody answers at mqtt://"):
            async with Link(f"mqtt://127.0.0.1:{free_port()}", "x", connect_timeout_s=0.3):
                pass

    asyncio.run(body())


def test_a_listener_that_is_no_broker_is_one_sentence():
    async def body():
        async def babble(reader, writer):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectError, match="Nobody answers"):
            async with Link(f"mqtt://127.0.0.1:{port}", "x", connect_timeout_s=0.5):
                pass
        server.close()

    asyncio.run(body())


def test_a_subscription_that_the_broker_refuses_raises(tmp_path):
    async def body():
        async with start_broker(tmp_path, USERS, kind="amqtt") as broker, pi(broker) as device:
            with pytest.raises(RemoteError, match="does not let pi subscribe"):
                await asyncio.wait_for(device.subscribe("motewise/1/home/other/+/subtask"), 3)

    asyncio.run(body())


@pytest.mark.parametrize(("url", "shown"), [
    ("mqtt://h", "mqtt://h:1883"), ("mqtts://h", "mqtts://h:8883"), ("h:99", "mqtt://h:99"), ("h", "mqtt://h:1883"),
])
def test_addresses(url, shown):
    assert str(Address.parse(url)) == shown


@pytest.mark.parametrize("url", ["", "http://h", "mqtt://", "mqtt://h:port", "mqtt://h:99999", "mqtt://h/path"])
def test_an_address_that_is_none_says_what_one_looks_like(url):
    with pytest.raises(AddressError, match="must look like mqtt://"):
        Address.parse(url)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that nobody else vouches for."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("NOT TESTED: openssl is not installed")
    subprocess.run(
        [tool, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"),
         "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True)
    return tmp_path


@contextlib.asynccontextmanager
async def tls_mosquitto(directory):
    port = free_port()
    config = directory / "tls.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n"
        f"certfile {directory}/cert.pem\nkeyfile {directory}/key.pem\n")
    process = subprocess.Popen([mosquitto_path(), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        await asyncio.sleep(0.3)
        yield f"mqtts://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_messages_travel_over_tls(certificate, mosquitto, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))

    async def body():
        async with tls_mosquitto(certificate) as url, Link(url, "a") as sender, Link(url, "b") as receiver:
            await receiver.subscribe("x")
            payloads = [b"%d" % number + b"." * 3000 for number in range(50)]
            for payload in payloads:
                sender.publish_soon("x", payload)
            assert await take(aiter(receiver), 50) == payloads

    asyncio.run(body())


def test_a_certificate_that_nobody_vouches_for_is_one_sentence(certificate, mosquitto):
    async def body():
        async with tls_mosquitto(certificate) as url:
            with pytest.raises(ConnectError, match="cannot be trusted"):
                async with Link(url, "a"):
                    pass

    asyncio.run(body())

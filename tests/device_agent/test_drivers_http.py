"""Devices with an HTTP interface, against a real server on the loopback."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import pytest

from device_agent.drivers import http as driver
from device_agent.thing import Device, DriverError


@dataclass
class Gadget:
    """What the server answers, and what it was asked: (method, path, content type, body)."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    hold_s: float = 0.0


@pytest.fixture
def gadget():
    made = Gadget()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            made.asked.append((self.command, self.path, self.headers.get("Content-Type"), body))
            made.told = dict(self.headers)
            time.sleep(made.hold_s)
            with contextlib.suppress(ConnectionError):  # whoever asked has given up
                self.send_response(made.status)
                for name, value in made.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(made.answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def load(url: str, **options: Any) -> Device:
    return Device.load({"id": "urn:motewise:it", "title": "It", "driver": "device_agent.drivers.http:Http", "url": url,
                        **options})


def prop(gadget: Gadget, **row: Any) -> Device:
    return load(gadget.url, properties={"level": {"type": "integer", "get": "/level", **row}})


@pytest.mark.parametrize(("row", "answer", "value"), [
    ({}, b"42", 42),
    ({"type": "number"}, b" 21.5\n", 21.5),
    ({"type": "boolean"}, b"on", True),
    ({"type": "string"}, "grün".encode(), "grün"),
    ({"get": {"url": "/level", "pick": "level"}}, b'{"level": 7}', 7),
    ({"get": {"url": "/level", "pick": "rooms.1.level"}}, b'{"rooms": [{"level": 7}, {"level": 8}]}', 8),
    ({"get": {"url": "/level", "pick": "level"}}, b'{"level": "7"}', 7),
    ({"type": "boolean", "get": {"url": "/level", "pick": "on"}}, b'{"on": false}', False),
    ({"type": "boolean", "values": {"OPEN": True, "SHUT": False}}, b"SHUT", False),
    ({"type": "boolean", "get": {"url": "/level", "pick": "n"}, "values": {"1": True, "2": False}}, b'{"n": 2}', False),
])
def test_a_property_is_got(gadget, row, answer, value):
    gadget.answer = answer
    assert prop(gadget, **row).read("level") == value
    assert gadget.asked == [("GET", "/level", None, "")]


@pytest.mark.parametrize(("request_", "asked"), [
    ("/level", ("POST", "/level", "application/json", '{"value": 40}')),
    ("level", ("POST", "/level", "application/json", '{"value": 40}')),
    ("/level/{value}", ("POST", "/level/40", None, "")),
    ({"url": "/level?to={value}", "method": "GET"}, ("GET", "/level?to=40", None, "")),
    ({"url": "/level", "method": "PUT", "body": {"state": [{"bri": "{value}", "unit": "%", "as": "{value} %"}]}},
     ("PUT", "/level", "application/json", '{"state": [{"bri": 40, "unit": "%", "as": "40 %"}]}')),
    ({"url": "/level", "body": "{value}"}, ("POST", "/level", "text/plain; charset=utf-8", "40")),
    ({"url": "/level", "form": {"level": "{value}", "and": "a&b"}},
     ("POST", "/level", "application/x-www-form-urlencoded", "level=40&and=a%26b")),
])
def test_a_property_is_set(gadget, request_, asked):
    prop(gadget, set=request_).write("level", 40)
    assert gadget.asked == [asked]


def test_an_action_sends_its_input(gadget):
    device = load(gadget.url + "/api/", actions={
        "play": {"input": {"song": {"type": "string"}, "loud": {"type": "boolean"}}, "do": "/play/{song}"},
        "stop": {"do": {"url": "/stop", "method": "DELETE"}},
    })
    device.call("play", {"song": "a/b?c=d&e #ü", "loud": True})
    device.call("stop")
    assert gadget.asked == [
        ("POST", "/api/play/a%2Fb%3Fc%3Dd%26e%20%23%C3%BC", "application/json", '{"loud": true}'),
        ("DELETE", "/api/stop", None, "")]


@pytest.mark.parametrize("text", ['"}, {"admin": true', "{loud}", "a&admin=1", "\r\nX-Admin: 1", "\0"])
def test_a_text_is_never_more_than_a_value(gadget, text):
    device = load(gadget.url, actions={
        name: {"input": {"song": {"type": "string"}}, "do": {"url": url, **body}} for name, url, body in (
            ("one", "/play", {"body": {"song": "{song}"}}), ("two", "/play", {"form": {"song": "{song}"}}),
            ("three", "/play?song={song}", {}))})
    for name in ("one", "two", "three"):
        device.call(name, {"song": text})
    (_, _, _, body), (_, _, _, form), (_, path, _, _) = gadget.asked
    assert json.loads(body) == {"song": text}
    for said in (form, path.removeprefix("/play?")):
        assert urllib.parse.parse_qs(said, keep_blank_values=True, strict_parsing=True) == {"song": [text]}
    assert "X-Admin" not in gadget.told


@pytest.mark.parametrize("text", [".", ".."])
def test_a_text_cannot_climb_in_a_url(gadget, text):
    device = load(gadget.url, actions={"play": {"input": {"song": {"type": "string"}}, "do": "/play/{song}"}})
    with pytest.raises(DriverError, match="cannot stand in a URL"):
        device.call("play", {"song": text})
    assert gadget.asked == []


def test_headers_go_with_every_request_and_into_no_error(gadget):
    device = load(gadget.url, headers={"Authorization": "Bearer secret"},
                  properties={"level": {"type": "integer", "get": "/level"}})
    gadget.answer = b"1"
    device.read("level")
    assert gadget.told["Authorization"] == "Bearer secret"
    gadget.status = 401
    with pytest.raises(DriverError) as raised:
        device.read("level")
    assert "secret" not in str(raised.value)


def where(gadget: Gadget) -> str:
    return gadget.url.removeprefix("http://")


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusal_is_told(gadget, status):
    gadget.status = status
    with pytest.raises(DriverError) as raised:
        prop(gadget).read("level")
    assert str(raised.value) == f"The device at {where(gadget)} answered {status} {http.HTTPStatus(status).phrase}."


def test_a_redirect_is_not_followed(gadget):
    gadget.status, gadget.headers = 302, {"Location": gadget.url + "/elsewhere"}
    with pytest.raises(DriverError, match="answered 302 Found"):
        prop(gadget, set="/level").write("level", 3)
    assert len(gadget.asked) == 1


def test_a_device_that_is_silent_is_given_up(gadget):
    gadget.hold_s = 0.5
    with pytest.raises(DriverError, match=r"did not answer within 0\.1 s"):
        load(gadget.url, timeout_s=0.1, properties={"level": {"type": "integer", "get": "/"}}).read("level")


def test_a_device_that_is_not_there_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DriverError) as raised:
        load(f"http://127.0.0.1:{port}", properties={"level": {"type": "integer", "get": "/"}}).read("level")
    assert str(raised.value) == f"The device at 127.0.0.1:{port} cannot be reached: Connection refused."


@pytest.mark.parametrize(("answer", "says"), [
    (b"not http at all\r\n\r\n", "broke off its answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n12", "broke off its answer: 1 bytes are missing"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n12", "broke off its answer"),
    (b"", "broke off its answer"),
])
def test_an_answer_that_breaks_off_is_told(answer, says):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve() -> None:
            with server.accept()[0] as talking:
                talking.recv(4096)
                talking.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(DriverError, match=says):
            load(url, properties={"level": {"type": "integer", "get": "/"}}).read("level")
        thread.join()


def test_an_answer_without_end_is_not_read(gadget, monkeypatch):
    monkeypatch.setattr(driver, "ANSWER_MAX", 1000)
    gadget.answer = b"1" * 2000
    with pytest.raises(DriverError, match="more than 1000 bytes"):
        prop(gadget).read("level")


@pytest.mark.parametrize(("row", "answer", "sentence"), [
    ({}, b"<html>", "answered by '<html>', which is not a whole number"),
    ({"get": {"url": "/", "pick": "a.b"}}, b'{"a": {}}', "has no 'a.b' in it"),
    ({"get": {"url": "/", "pick": "a.b"}}, b'{"a": [1]}', "has no 'a.b' in it"),
    ({"get": {"url": "/", "pick": "a"}}, b"not json", "has no 'a' in it"),
    ({"get": {"url": "/", "pick": "a"}}, b'{"a": null}', "which it says it never does"),
])
def test_an_answer_that_does_not_fit_is_told(gadget, row, answer, sentence):
    gadget.answer = answer
    with pytest.raises(DriverError) as raised:
        prop(gadget, **row).read("level")
    assert sentence in str(raised.value)


def test_proxies_are_not_used(gadget, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    gadget.answer = b"5"
    assert prop(gadget).read("level") == 5


GET = {"type": "integer", "get": "/"}


@pytest.mark.parametrize(("options", "sentence"), [
    ({"url": 3}, "The url must be text"),
    ({"url": "file:///etc/passwd"}, "must begin with http:// or https://"),
    ({"url": "gadget.local"}, "must begin with http:// or https://"),
    ({"url": "http://a b/"}, "must begin with http:// or https://"),
    ({"url": "http://ann:secret@gadget/"}, "put it into 'headers'"),
    ({"headers": {"X": "a\nb"}}, "must be a text on one line"),
    ({"properties": {"level": {**GET, "get": "file:///etc/passwd"}}}, "must begin with http:// or https://"),
    ({"properties": {"level": {**GET, "get": {"path": "/"}}}}, "must be a URL, or a table of: url, method"),
    ({"properties": {"level": {**GET, "get": "/{value}"}}}, "uses {value}, but it has no values"),
    ({"properties": {"level": {**GET, "get": {"url": "/", "method": "LOOK"}}}}, "must be one of: GET, POST"),
    ({"properties": {"level": {**GET, "get": {"url": "/", "pick": 3}}}}, "'pick' a text"),
    ({"properties": {"level": {**GET, "set": {"url": "/", "method": "GET"}}}}, "does nothing with its value"),
    ({"properties": {"level": {**GET, "set": {"url": "/", "body": {"bri": 3}}}}}, "does nothing with its value"),
    ({"properties": {"level": {**GET, "set": {"url": "/", "body": {"bri": "{bri}"}}}}}, "uses {bri}, but it has"),
    ({"properties": {"level": {**GET, "set": {"url": "/", "body": "bri={value}"}}}}, "must be a table, or one value"),
    ({"properties": {"level": {**GET, "set": {"url": "/", "body": {"a": "{value}"}, "form": {}}}}}, "has both"),
    ({"properties": {"level": {**GET, "set": {"url": "http://{value}/"}}}}, "must begin with http://"),
])
def test_a_table_that_cannot_work_is_refused_when_it_is_read(options, sentence):
    with pytest.raises(DriverError) as raised:
        load(**{"url": "http://gadget.local", "properties": {"level": GET}, **options})
    assert sentence in str(raised.value)

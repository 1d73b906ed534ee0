"""A model behind an OpenAI-compatible server: a small one of our own stands in for it, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from models.language.brain import Brain, BrainError, Completion
from models.language.prompt import Option, Prompt, Slot

OPTIONS = (
    Option("do", "turn_on", "turn on"),
    Option("set", "brightness", "brightness", "", (Slot("", "number", unit="percent", low=0, high=100),)),
)
PROMPT = Prompt("light", "Lamp", OPTIONS, "dim it to 40 percent")
MODELS = {"data": [{"id": "small-instruct"}, {"id": "other"}]}

# What a path answers: (status, body, headers).
Answer = tuple[int, bytes, dict[str, str]]


class Fake:
    """A server; `answers`: what to say to a chat completion; `asked`: the requests, as (path, headers, body)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.models: Answer = (200, json.dumps(MODELS).encode(), {})
        self.answers: Callable[[dict[str, Any]], Answer] = lambda body: said("set brightness:1")
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(fake.models, None)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(fake.answers(body), body)

            def _answer(self, answer: Answer, body: Any) -> None:
                fake.asked.append((self.path, dict(self.headers), body))
                status, content, headers = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


def said(text: str, **more: Any) -> Answer:
    """A chat completion."""
    choice = {"message": {"role": "assistant", "content": text}, **more}
    return 200, json.dumps({"choices": [choice], "usage": {"completion_tokens": 3}}).encode(), {}


@pytest.fixture
def fake() -> Iterator[Fake]:
    server = Fake()
    yield server
    server.http.shutdown()
    server.http.server_close()


def ask(url: str, prompt: Prompt = PROMPT) -> Completion:
    async def inside() -> Completion:
        async with Brain(url=url) as brain:
            return await brain.complete(prompt)

    return asyncio.run(inside())


def test_server_gets_grammar_options_and_temperature_zero(fake: Fake) -> None:
    found = ask(fake.url)
    assert (found.text, found.tokens) == ("set brightness:1\n", 3)
    (_, _, _), (path, headers, body) = fake.asked
    assert path == "/v1/chat/completions"
    assert (body["model"], body["temperature"], body["grammar"]) == ("small-instruct", 0, PROMPT.grammar)
    assert body["messages"][-1]["content"].endswith(PROMPT.prefix + PROMPT.suffix)
    assert "Authorization" not in headers


def test_a_named_model_is_asked_for(fake: Fake) -> None:
    ask(f"{fake.url}#other")
    assert fake.asked[-1][2]["model"] == "other"


def test_the_key_of_the_environment_is_sent(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTEWISE_MODEL_KEY", "s3cret")
    ask(fake.url)
    assert [headers["Authorization"] for _, headers, _ in fake.asked] == ["Bearer s3cret"] * 2


def test_no_redirect_is_followed_with_the_key(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTEWISE_MODEL_KEY", "s3cret")
    elsewhere = Fake()
    fake.models = (302, b"", {"Location": f"{elsewhere.url}/models"})
    with pytest.raises(BrainError, match="302"):
        ask(fake.url)
    elsewhere.http.shutdown()
    elsewhere.http.server_close()
    assert elsewhere.asked == []


def test_a_server_without_a_list_of_models_needs_a_name(fake: Fake) -> None:
    fake.models = (404, b"", {})
    with pytest.raises(BrainError, match="name one"):
        ask(fake.url)
    assert ask(f"{fake.url}#mine").text == "set brightness:1\n"


def test_a_server_that_knows_no_grammar_is_asked_without(fake: Fake) -> None:
    def strict(body: dict[str, Any]) -> Answer:
        return (400, b'{"error": "unknown field grammar"}', {}) if "grammar" in body else said("do turn on")

    fake.answers = strict

    async def inside() -> list[str]:
        async with Brain(url=fake.url) as brain:
            return [(await brain.complete(PROMPT)).text for _ in range(2)]

    assert asyncio.run(inside()) == ["do turn on\n"] * 2
    assert ["grammar" in body for path, _, body in fake.asked[1:]] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("set brightness:1", "set brightness:1\n"),
        ("\n set brightness:1 \n", "set brightness:1\n"),
        ("`set brightness:1`", "set brightness:1\n"),
        ("=set brightness:1", "set brightness:1\n"),
        ("<think>turn on? no.\ndo turn on</think>\nset brightness:1", "set brightness:1\n"),
        ("Sure! The answer is:\ndo turn on;set brightness:+\nHave fun.", "do turn on;set brightness:+\n"),
        ("none", "none\n"),
    ],
)
def test_answers_are_found_in_what_a_server_says(fake: Fake, text: str, answer: str) -> None:
    fake.answers = lambda body: said(text)
    assert ask(fake.url).text == answer


@pytest.mark.parametrize(
    "text", ["", "I cannot do that", "do turn off", "set brightness:2", "turn_on()", ";".join(["do turn on"] * 5)]
)
def test_answers_outside_the_grammar_are_refused(fake: Fake, text: str) -> None:
    fake.answers = lambda body: said(text)
    with pytest.raises(BrainError, match="none of the answers possible"):
        ask(fake.url)


def test_confidence_is_the_probability_of_the_tokens(fake: Fake) -> None:
    fake.answers = lambda body: said("set brightness:1", logprobs={"content": [{"logprob": -0.5}, {"logprob": -0.25}]})
    assert ask(fake.url).confidence == pytest.approx(2.718281828**-0.75)
    fake.answers = lambda body: said("set brightness:1", logprobs=None)
    assert ask(fake.url).confidence == 1.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, b"oh", {}), "500"),
        ((401, b"", {}), "MOTEWISE_MODEL_KEY"),
        ((400, b"", {}), "400"),
        ((200, b"<html>", {}), "no JSON"),
        ((200, b"[1]", {}), "no JSON object"),
        ((200, b"{}", {}), "without a text"),
        ((200, b'{"choices": [7]}', {}), "without a text"),
        ((200, b'{"choices": [{"message": {"content": null}}]}', {}), "without a text"),
        ((200, b'{"choices"', {"Content-Length": "5000"}), "no JSON|does not answer"),
        ((200, b"[" * 100_000, {}), "no JSON"),
    ],
)
def test_a_server_that_goes_wrong_is_one_sentence(fake: Fake, answer: Answer, words: str) -> None:
    fake.answers = lambda body: answer
    with pytest.raises(BrainError, match=words) as caught:
        ask(fake.url)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/v1", "does not answer"),
        ("localhost:8080", "must look like"),
        ("ftp://x/v1", "must look like"),
        ("file:///etc/passwd", "must look like"),
        ("http://", "must look like"),
        ("http://127.0.0.1:notaport/v1", "does not answer"),
    ],
)
def test_addresses_that_are_none_are_one_sentence(url: str, words: str) -> None:
    with pytest.raises(BrainError, match=words):
        ask(url)


def test_a_server_has_no_embeddings(fake: Fake) -> None:
    async def inside() -> None:
        async with Brain(url=fake.url) as brain:
            await brain.embed(["x"])

    with pytest.raises(BrainError, match="no embeddings"):
        asyncio.run(inside())

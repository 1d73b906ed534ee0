"""A model behind an OpenAI-compatible server, asked the same question as ours (`--model-url http://host/v1#name`).

The grammar goes along for servers that keep one (llama.cpp); whatever comes back is read by `Prompt.parse` and refused
if it is not one of the answers possible. The key, if one is needed, comes from MOTEWISE_MODEL_KEY and goes to that
address only: no redirect is followed. Blocking; brain.py calls it in a thread."""

from __future__ import annotations

import json
import math
import os
import re
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from firmware_py.core.errors import RemoteError
from models.language.chat import messages_of
from models.language.prompt import AnswerError, Prompt

KEY = "MOTEWISE_MODEL_KEY"
TIMEOUT_S = 60.0
ANSWER_TOKENS_MAX = 64
REPLY_MAX = 1_000_000
# What some servers do not know; left out after they said so.
_EXTRAS = ("grammar", "logprobs", "chat_template_kwargs")


class ServerError(RemoteError):
    """A server that is not there, or that does not answer as such servers do. One sentence."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Server:
    """A chat model at an address. `url`: its root, up to /v1; a name after # picks the model."""

    def __init__(self, url: str, key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ServerError(f"The model's address {url!r} must look like http://host:8080/v1.")
        self.root = parts._replace(fragment="").geturl().rstrip("/")
        self._model = parts.fragment
        self._key = key if key is not None else os.environ.get(KEY, "")
        self._plain = False
        self._open = urllib.request.build_opener(_Stay).open

    def connect(self) -> str:
        """The name of the model: the one asked for, or the first that the server lists."""
        try:
            listed = self._ask("/models", None)
        except _NotThere:
            listed = {}  # some servers have no list
        names = [row.get("id") for row in _list(listed.get("data")) if isinstance(row, dict)]
        if not self._model:
            if not names or not isinstance(names[0], str):
                raise ServerError(f"The server {self.root} lists no model; name one: {self.root}#name.")
            self._model = names[0]
        return self._model

    def complete(self, prompt: Prompt) -> tuple[str, float, float, int]:
        """(answer, confidence, milliseconds, tokens). Confidence is 1.0 where the server tells no probabilities."""
        start = time.perf_counter()
        body: dict[str, Any] = {
            "model": self._model, "messages": messages_of(prompt), "temperature": 0, "max_tokens": ANSWER_TOKENS_MAX,
            "grammar": prompt.grammar, "logprobs": True, "chat_template_kwargs": {"enable_thinking": False},
        }
        if self._plain:
            body = _without_extras(body)
        try:
            answer = self._ask("/chat/completions", body)
        except _BadRequest:
            self._plain = True
            answer = self._ask("/chat/completions", _without_extras(body))
        choice = (_list(answer.get("choices")) or [None])[0]
        message = choice.get("message") if isinstance(choice, dict) else None
        text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str):
            raise ServerError(f"The server {self.root} answered without a text.")
        usage = answer.get("usage")
        tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
        spent = (time.perf_counter() - start) * 1000
        return _line(prompt, text), _confidence(choice), spent, tokens if isinstance(tokens, int) else 0

    def _ask(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            with self._open(urllib.request.Request(self.root + path, data, headers), timeout=TIMEOUT_S) as reply:
                answer = json.loads(reply.read(REPLY_MAX))
        except urllib.error.HTTPError as error:
            if error.code in (400, 422) and body is not None and not self._plain:
                raise _BadRequest(str(error)) from None
            if error.code in (404, 405) and body is None:
                raise _NotThere(str(error)) from None
            hint = f"; is {KEY} right?" if error.code in (401, 403) else ""
            raise ServerError(f"The server {self.root} answered {error.code} {error.reason}{hint}.") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ServerError(f"The server {self.root} does not answer: {reason}.") from None
        except (ValueError, RecursionError):
            raise ServerError(f"What is at {self.root} is no such server: its answer is no JSON.") from None
        if not isinstance(answer, dict):
            raise ServerError(f"What is at {self.root} is no such server: its answer is no JSON object.")
        return answer


class _BadRequest(ServerError):
    pass


class _NotThere(ServerError):
    pass


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _without_extras(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _EXTRAS}


def _line(prompt: Prompt, text: str) -> str:
    """The answer in a server's text: a line that keeps the grammar, whatever is around it."""
    for line in re.sub(r"(?s)<think>.*?</think>", "", text).splitlines():
        candidate = line.strip().strip("`").strip().removeprefix("=").strip()
        try:
            prompt.parse(candidate)
        except AnswerError:
            continue
        return candidate + "\n"
    raise ServerError(f"The server's model answered {text[:60]!r}, which is none of the answers possible.")


def _confidence(choice: dict[str, Any]) -> float:
    told = choice.get("logprobs")
    rows = _list(told.get("content")) if isinstance(told, dict) else []
    logs = [row["logprob"] for row in rows if isinstance(row, dict) and isinstance(row.get("logprob"), (int, float))]
    return min(1.0, math.exp(sum(logs))) if logs else 1.0

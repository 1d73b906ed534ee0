"""The language model as everybody sees it: questions in, answers out, one child process behind it.

One model serves all Things of a host; questions wait for each other. A child that dies or hangs is started again and
the question asked once more; if that fails too it is a BrainError. A server (`url`) takes the place of the child and
has no embeddings. What was embedded is kept, so that a Thing's options are embedded once."""

from __future__ import annotations

import asyncio
import base64
import collections
import contextlib
import hashlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from firmware_py.core.errors import RemoteError
from models.language.chat import messages_of
from models.language.prompt import AnswerError, Prompt
from models.language.server import Server, ServerError

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).with_name("motewise.gguf")
THREADS = "MOTEWISE_THREADS"
SMALL_BYTES = 64 * 2**20
EDGE_BYTES = 2**20
BIG_THREADS = 4
LOAD_TIMEOUT_S = 120.0
ANSWER_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 3.0
LINE_MAX = 16 * 2**20
EMBEDDINGS_KEPT = 4096
LAST_WORDS = 300


class BrainError(RemoteError):
    """The language model cannot be used, or did not answer. One sentence."""


class _Gone(Exception):
    """The child died or hangs."""


@dataclass(frozen=True)
class Completion:
    """An answer in the grammar. `confidence`: 0 to 1, how likely it is right (calibration.py); `ms`: inside the model;
    `tokens`: computed for it, 0 if the grammar left no choice; `sampled`: of the answer, chosen by the network;
    `reading_ms`: what of `ms` passed until the first one was chosen; `recalled`: it was given before and is only told
    again."""

    text: str
    confidence: float
    ms: float
    tokens: int
    sampled: int = 0
    reading_ms: float = 0.0
    recalled: bool = False


def threads(size_bytes: int) -> int:
    """How many threads llama.cpp gets: MOTEWISE_THREADS; else one for a small model, which waits for its own threads
    longer than it computes once the machine is busy, and up to BIG_THREADS for a big one."""
    asked = os.environ.get(THREADS, "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return 1 if size_bytes < SMALL_BYTES else min(BIG_THREADS, os.cpu_count() or 1)


def check_file(path: Path) -> int:
    """The size of a model in bytes; BrainError unless the file looks like a GGUF."""
    try:
        with path.open("rb") as file:
            head, size = file.read(8), path.stat().st_size
    except OSError as error:
        raise BrainError(f"The model {path} cannot be read: {error.strerror}.") from None
    if head[:4] != b"GGUF":
        raise BrainError(f"The model {path} is no GGUF file.")
    if size < 1024:
        raise BrainError(f"The model {path} is cut off: it has {size} bytes.")
    return size


def fingerprint(path: Path) -> str:
    """Which model a file holds: the hash of a small one, of size, time, beginning and end of a big one."""
    size, made = path.stat().st_size, hashlib.sha256()
    with path.open("rb") as file:
        if size <= SMALL_BYTES:
            made.update(file.read())
        else:
            made.update(f"{size} {path.stat().st_mtime_ns} ".encode() + file.read(EDGE_BYTES))
            file.seek(size - EDGE_BYTES)
            made.update(file.read())
    return made.hexdigest()


class Brain:
    """`model`: a GGUF (the shipped one if None); `url`: a server instead. Raises BrainError on entering if the model
    cannot be used. `name`, `fingerprint`: of the loaded model; a server's model has no fingerprint."""

    def __init__(self, model: Path | None = None, url: str | None = None) -> None:
        if model is not None and url is not None:
            raise BrainError("Give a model file or a model server, not both.")
        self.path = (model or SHIPPED).absolute()
        self.name = ""
        self.fingerprint = ""
        self._url = url
        self._server: Server | None = None
        self._ours = True
        self._process: asyncio.subprocess.Process | None = None
        self._errors = ""
        self._listening: asyncio.Task[None] | None = None
        self._talking = asyncio.Lock()
        self._rows: collections.OrderedDict[str, np.ndarray] = collections.OrderedDict()

    async def __aenter__(self) -> Self:
        if self._url is not None:
            try:
                self._server = Server(self._url)
                self.name = await asyncio.to_thread(self._server.connect)
            except ServerError as error:
                raise BrainError(str(error)) from None
            return self
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def pid(self) -> int | None:
        """Of the child, or None."""
        return self._process.pid if self._process is not None else None

    async def complete(self, prompt: Prompt) -> Completion:
        """The model's answer; it keeps the prompt's grammar (`Prompt.parse` takes it)."""
        if self._server is not None:
            try:
                text, confidence, ms, tokens = await asyncio.to_thread(self._server.complete, prompt)
            except ServerError as error:
                raise BrainError(str(error)) from None
            return Completion(text, confidence, ms, tokens)
        asked = {"parts": [prompt.prefix, prompt.suffix]} if self._ours else {"messages": messages_of(prompt)}
        answer = await self._ask({"do": "complete", "grammar": prompt.grammar, **asked})
        try:
            prompt.parse(answer["text"])
        except AnswerError as error:
            raise BrainError(str(error)) from None
        return Completion(answer["text"], answer["confidence"], answer["ms"], answer["tokens"], answer["sampled"],
                          answer["reading_ms"])

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32 unit rows; BrainError where the model is a server."""
        if self._server is not None:
            raise BrainError("A model server has no embeddings here.")
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            answer = await self._ask({"do": "embed", "texts": new})
            made = np.frombuffer(base64.b64decode(answer["rows"]), "<f4").reshape(len(new), answer["width"])
            self._rows.update(zip(new, made, strict=True))
        rows = np.stack([self._rows[text] for text in texts]) if texts else np.zeros((0, 0), np.float32)
        for text in dict.fromkeys(texts):
            self._rows.move_to_end(text)
        while len(self._rows) > EMBEDDINGS_KEPT:
            self._rows.popitem(last=False)
        return rows

    async def _ask(self, fields: dict[str, Any]) -> dict[str, Any]:
        async with self._talking:
            for again in (False, True):
                try:
                    if self._process is None or self._process.returncode is not None:
                        await self._stop()
                        await self._start()
                    answer = await self._tell(fields, ANSWER_TIMEOUT_S)
                    break
                except _Gone:
                    said = self._last_words()
                    await self._stop()
                    if again:
                        raise BrainError(f"The model process ended without an answer.{said}") from None
                    log.warning("the model process ended; starting it again.%s", said)
                except asyncio.CancelledError:
                    await self._stop()  # its answer would be taken for the next question's
                    raise
        if "error" in answer:
            raise BrainError(answer["error"])
        return answer

    async def _start(self) -> None:
        self._errors = ""
        count = threads(check_file(self.path))
        self.fingerprint = await asyncio.to_thread(fingerprint, self.path)
        # The child finds our code whatever the current folder is (-P: and nothing that lies in it).
        root = str(Path(__file__).parents[2])
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "models.language.brain_process", str(self.path), str(count),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=LINE_MAX, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(
                part for part in (root, os.environ.get("PYTHONPATH", "")) if part)},
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        try:
            ready = await self._tell(None, LOAD_TIMEOUT_S)
        except _Gone:
            said = self._last_words()
            raise BrainError(f"The model {self.path} cannot be loaded: the model process ended.{said}") from None
        if "error" in ready:
            raise BrainError(ready["error"])
        self.name, self._ours = ready["ready"], ready["ours"]

    async def _tell(self, fields: dict[str, Any] | None, timeout_s: float) -> dict[str, Any]:
        """Send a line (unless None) and return the next one; _Gone if none comes."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if fields is not None:
                process.stdin.write(json.dumps(fields).encode() + b"\n")
                await process.stdin.drain()
            line = await asyncio.wait_for(process.stdout.readline(), timeout_s)
            answer: dict[str, Any] = json.loads(line)
        except (ConnectionError, TimeoutError, ValueError):
            raise _Gone from None
        return answer

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the last of what the child says on stderr."""
        assert process.stderr is not None
        while said := await process.stderr.read(4096):
            self._errors = (self._errors + said.decode("utf-8", "replace"))[-LAST_WORDS:]

    def _last_words(self) -> str:
        lines = self._errors.strip().splitlines()
        return f" Its last words: {lines[-1]}" if lines else ""

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._listening is not None:
            await self._listening
            self._listening = None

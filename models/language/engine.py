"""One GGUF in llama.cpp: answers under a grammar, and embeddings. Runs in the model process (brain_process.py) only.

Rules: the most likely token that the grammar permits is taken (temperature 0); where the grammar leaves no choice the
network is not asked. What was computed for a prompt stays in one of a few sequences of the KV cache, and a prompt that
begins alike goes on from there, so that a Thing's options are computed once. It does not choose what to ask
(prompt.py), and it does not survive llama.cpp's crashes: brain.py does."""

from __future__ import annotations

import collections
import ctypes
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as api
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from firmware_py.core.errors import RemoteError
from models.language import automaton
from models.language.automaton import State, Vocabulary
from models.language.calibration import KEY as CALIBRATION
from models.language.calibration import Calibration, Doubt, Raw

ANSWER_MAX = 64
BATCH = 512
EMBED_CONTEXT = 512
# Grammars of which what was found is kept.
GRAMMARS_KEPT = 256
# Pieces of answers of which the tokens are kept.
TEXTS_KEPT = 4096
# Sequences kept, and tokens for each: ours is small and serves many Things, a chat model is big.
OURS = (8, 1024)
CHAT = (3, 2048)


class EngineError(RemoteError):
    """A model that cannot be loaded, or a question that it cannot take. One sentence."""


@dataclass
class _Sequence:
    """What one sequence of the KV cache holds; `used`: when it was last wanted."""

    tokens: list[int] = field(default_factory=list)
    used: int = 0


@dataclass(frozen=True)
class Answer:
    """`confidence`: how likely it is right (calibration.py). `tokens`: how many the network computed, `reused`: how
    many it did not have to, `sampled`: how many of the answer it chose; `reading_ms`: what of `ms`
    passed until the first one was chosen; `raw`: what the confidence was made of."""

    text: str
    confidence: float
    ms: float
    tokens: int
    reused: int
    sampled: int
    reading_ms: float
    raw: Raw


class Log:
    """llama.cpp's own words: kept for error messages, shown nowhere else."""

    def __init__(self) -> None:
        self.last = ""
        self._callback = api.llama_log_callback(self._take)  # kept: llama.cpp holds only a pointer
        api.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _: Any) -> None:
        said = text.decode("utf-8", "replace").strip()
        if level == 4 and said:  # GGML_LOG_LEVEL_ERROR
            self.last = said


@lru_cache(maxsize=1)
def kept_log() -> Log:
    """The log of this process, as long as it lives: llama.cpp holds a pointer to it, whatever becomes of an Engine."""
    return Log()


class Engine:
    """A loaded model. `path`: the GGUF; `threads`: of llama.cpp. EngineError if it cannot be loaded."""

    def __init__(self, path: Path, threads: int) -> None:
        self._log = kept_log()
        api.llama_backend_init()
        params = api.llama_model_default_params()
        params.n_gpu_layers = 0
        self._model = api.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise EngineError(f"The model {path} cannot be loaded; llama.cpp says: {self._log.last or 'nothing'}.")
        if not api.llama_model_has_decoder(self._model) or api.llama_model_has_encoder(self._model):
            raise EngineError(f"The model {path} does not write text; give an instruct model as GGUF.")
        vocab = api.llama_model_get_vocab(self._model)
        assert vocab is not None
        self._vocab = vocab
        self._size = api.llama_vocab_n_tokens(vocab)
        self._threads = threads
        self.name = self._meta("general.name") or path.stem
        self.ours = self._meta("motewise.prompt") == "1"
        self.calibration = Calibration.read(self._meta(CALIBRATION, 16384))
        self.template = "" if self.ours else (api.llama_model_chat_template(self._model, None) or b"").decode("utf-8")
        if not self.ours and not self.template:
            raise EngineError(f"The model {path} is no chat model: it has no chat template; give an instruct model.")
        count, length = OURS if self.ours else CHAT
        self._length = min(length, api.llama_model_n_ctx_train(self._model))
        self._context = self._new_context(count, self._length, embeddings=False)
        self._sequences = [_Sequence() for _ in range(count)]
        self._turn = 0
        self._batch = api.llama_batch_init(BATCH, 0, 1)
        self._embedder: Any = None
        self._embed_length = min(EMBED_CONTEXT, api.llama_model_n_ctx_train(self._model))
        self._pieces = [self._read_piece(token) for token in range(self._size)]
        self._vocabulary = Vocabulary(self._pieces)
        self._trained: dict[bytes, list[int]] = {}
        self._grammars: collections.OrderedDict[str, State] = collections.OrderedDict()
        self._formatter: Jinja2ChatFormatter | None = None

    def _new_context(self, count: int, length: int, embeddings: bool) -> Any:
        params = api.llama_context_default_params()
        params.n_ctx = count * length
        params.n_seq_max = count
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = self._threads
        params.kv_unified = False  # each sequence attends over its own cells only
        params.no_perf = True
        params.embeddings = embeddings
        if embeddings:
            params.pooling_type = api.LLAMA_POOLING_TYPE_MEAN
        context = api.llama_init_from_model(self._model, params)
        if not context:
            raise EngineError(f"There is no memory for the model's context; llama.cpp says: {self._log.last}.")
        return context

    def _meta(self, key: str, room: int = 256) -> str:
        value = ctypes.create_string_buffer(room)
        length = api.llama_model_meta_val_str(self._model, key.encode(), value, room)
        return value.value.decode("utf-8", "replace") if length >= 0 else ""

    # Text

    def tokenize(self, text: str, special: bool = False, begin: bool = True) -> list[int]:
        """`special`: the text holds the template's control tokens (and its own begin token); `begin`: nothing stands
        before it."""
        data = text.encode("utf-8", "replace")
        count, room = -len(data) - 8, 0
        while count < 0 and -count > room:  # the first is a guess, the second what llama.cpp asks for
            room = -count
            tokens = (api.llama_token * room)()
            count = api.llama_tokenize(self._vocab, data, len(data), tokens, room, begin and not special, special)
        if count < 0:
            raise EngineError("The model cannot read the sentence.")
        return list(tokens[:count])

    def _read_piece(self, token: int) -> bytes:
        room = ctypes.create_string_buffer(256)
        length = api.llama_token_to_piece(self._vocab, token, room, 256, 0, False)
        return room.raw[:max(length, 0)]

    def chat(self, messages: list[dict[str, str]]) -> str:
        """The messages in the model's own template, up to where its answer begins."""
        if self._formatter is None:
            bos, eos = (self._token_text(token(self._vocab)) for token in (api.llama_vocab_bos, api.llama_vocab_eos))
            self._formatter = Jinja2ChatFormatter(self.template, eos, bos)
        try:
            text: str = self._formatter(messages=messages, enable_thinking=False).prompt  # type: ignore[arg-type]
        except Exception as error:  # jinja2 and whatever a template raises
            raise EngineError(f"The model's chat template cannot be used: {error}.") from None
        return text

    def _token_text(self, token: int) -> str:
        return "" if token < 0 else (api.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")

    # Answers

    def answer(self, parts: Sequence[str], grammar: str) -> Answer:
        """The answer to a prompt, with its last newline. EngineError if prompt or grammar cannot be taken.

        `parts`: texts that were tokenised apart when the model was trained, so that none of them changes another."""
        start = time.perf_counter()
        tokens: list[int] = []
        for part in parts:
            tokens += self.tokenize(part, special=not self.ours, begin=not tokens)
        if len(tokens) + ANSWER_MAX > self._length:
            raise EngineError(f"The question is too long for the model: {len(tokens)} tokens of {self._length}.")
        return self._answer(tokens, self._grammar(grammar), start)

    def _grammar(self, text: str) -> State:
        """A grammar before anything is written; those used last are kept, with all that was found of them."""
        if text not in self._grammars:
            self._grammars[text] = automaton.start(text, self._vocabulary)
        self._grammars.move_to_end(text)
        if len(self._grammars) > GRAMMARS_KEPT:
            self._grammars.popitem(last=False)
        return self._grammars[text]

    def _answer(self, tokens: list[int], state: State, start: float) -> Answer:
        number, kept, computed = 0, 0, 0
        said, reading, doubt = b"", 0.0, Doubt()
        while computed < len(tokens) + ANSWER_MAX:
            forced, state = state.forced()
            said += b"".join(self._pieces[token] for token in forced)
            if b"\n" in said:
                break
            if not doubt.sampled:  # the question itself
                number, kept = self._take_sequence(tokens)
                pending = tokens[kept:]
            pending += self._as_trained(forced)
            logits = self._decode(number, pending)
            computed += len(pending)
            if not state.next:
                raise EngineError("The grammar for this device leaves no answer.")
            token = doubt.choose(logits, state.next)
            if doubt.sampled == 1:
                reading = time.perf_counter() - start
            said += self._pieces[token]
            if b"\n" in said:
                break
            state = state.next[token]
            pending = [token]
        else:
            raise EngineError("The model's answer has no end.")
        text = said.decode("utf-8", "replace")
        raw = doubt.told(text)
        return Answer(text, self.calibration.probability(raw), (time.perf_counter() - start) * 1000, computed, kept,
                      doubt.sampled, reading * 1000, raw)

    def _as_trained(self, tokens: list[int]) -> list[int]:
        """The tokens of our model's training for the text of these; other models take them as they are."""
        if not tokens or not self.ours:
            return tokens
        text = b"".join(self._pieces[token] for token in tokens)
        if text not in self._trained:
            if len(self._trained) >= TEXTS_KEPT:
                self._trained.clear()
            self._trained[text] = self.tokenize(text.decode("utf-8", "replace"), begin=False)
        return self._trained[text]

    def _take_sequence(self, tokens: list[int]) -> tuple[int, int]:
        """The sequence to go on in, and how many of `tokens` it holds already."""
        self._turn += 1
        shared = [_shared(sequence.tokens, tokens) for sequence in self._sequences]
        best = max(range(len(shared)), key=lambda number: shared[number])
        memory = api.llama_get_memory(self._context)
        number, kept = best, shared[best]
        if kept * 2 < len(tokens) or kept * 2 < len(self._sequences[best].tokens):  # another Thing's: leave it whole
            number = min(range(len(shared)), key=lambda candidate: self._sequences[candidate].used)
            if number != best and kept > 16:
                api.llama_memory_seq_rm(memory, number, -1, -1)
                api.llama_memory_seq_cp(memory, best, number, -1, -1)
            elif number != best:
                kept = 0
        kept = min(kept, len(tokens) - 1)  # the last one is computed for its logits
        api.llama_memory_seq_rm(memory, number, kept, -1)
        self._sequences[number].tokens = tokens[:kept]
        self._sequences[number].used = self._turn
        return number, kept

    def _decode(self, number: int, tokens: Sequence[int]) -> Any:
        """Put tokens after what a sequence holds; the logits after the last one, by token."""
        sequence = self._sequences[number]
        for begin in range(0, len(tokens), BATCH):
            part = tokens[begin:begin + BATCH]
            self._fill([(token, len(sequence.tokens) + at, number) for at, token in enumerate(part)], last_only=True)
            if api.llama_decode(self._context, self._batch) != 0:
                sequence.tokens = []
                api.llama_memory_seq_rm(api.llama_get_memory(self._context), number, -1, -1)
                raise EngineError("The model could not compute an answer.")
            sequence.tokens += part
        return api.llama_get_logits_ith(self._context, -1)

    def _fill(self, rows: list[tuple[int, int, int]], last_only: bool) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, (token, position, number) in enumerate(rows):
            batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, position, 1
            batch.seq_id[at][0] = number
            batch.logits[at] = not last_only or at == len(rows) - 1

    # Embeddings

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) unit rows: the mean of the last hidden states over each text's tokens."""
        if self._embedder is None:
            self._embedder = self._new_context(1, self._embed_length, embeddings=True)
        width = api.llama_model_n_embd(self._model)
        rows = np.zeros((len(texts), width), np.float32)
        for number, text in enumerate(texts):
            tokens = self.tokenize(text)[:min(self._embed_length, BATCH)]
            if not tokens:
                continue
            api.llama_memory_clear(api.llama_get_memory(self._embedder), True)
            self._fill([(token, at, 0) for at, token in enumerate(tokens)], last_only=False)
            if api.llama_decode(self._embedder, self._batch) != 0:
                raise EngineError("The model could not compute an embedding.")
            row = np.ctypeslib.as_array(api.llama_get_embeddings_seq(self._embedder, 0), shape=(width,))
            rows[number] = row / (float(np.linalg.norm(row)) or 1.0)
        return rows


def _shared(some: Sequence[int], others: Sequence[int]) -> int:
    """How many tokens two texts begin with alike."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count

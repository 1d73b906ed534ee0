"""How fast the path's engine writes answers, beside llama.cpp alone on the same GGUF, the two taking turns.

Both get the same questions in one process, question by question, with the same number of threads. Counted are tokens
that the network chose and that cost a step of it: what the grammar leaves no choice about is computed but counts
nothing, and neither does the first token, which comes with the reading of the question. The time is all from that token
to the end of the answer, grammar and Python included. Each question is new to the engine, and permits every option.
Bare: `llama_cpp`, greedy, one token a step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.language.brain import SHIPPED, threads
from models.language.prompt import Prompt
from sim.bench import median

TURNS = 10
# Tokens that bare llama.cpp writes after each question.
BARE_TOKENS = 12
_CONTEXT = 2048


class Bare:
    """llama.cpp through its own bindings, nothing of ours between."""

    def __init__(self, path: Path) -> None:
        import llama_cpp.llama_cpp as api  # noqa: PLC0415 - only whoever measures loads a second model

        self._api: Any = api
        model = api.llama_model_default_params()
        model.n_gpu_layers = 0
        self._model: Any = api.llama_model_load_from_file(str(path).encode(), model)
        self._vocab = api.llama_model_get_vocab(self._model)
        params = api.llama_context_default_params()
        params.n_ctx = _CONTEXT
        params.n_threads = params.n_threads_batch = threads(path.stat().st_size)
        params.no_perf = True
        self._context = api.llama_init_from_model(self._model, params)
        self._sampler = api.llama_sampler_init_greedy()

    def close(self) -> None:
        """Give the memory back."""
        self._api.llama_sampler_free(self._sampler)
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def write(self, text: str, count: int) -> float:
        """Seconds for `count` steps after a text."""
        api, data = self._api, text.encode("utf-8", "replace")
        tokens = (api.llama_token * (len(data) + 8))()
        length = api.llama_tokenize(self._vocab, data, len(data), tokens, len(tokens), True, False)
        api.llama_memory_clear(api.llama_get_memory(self._context), True)
        api.llama_decode(self._context, api.llama_batch_get_one(tokens, length))
        token = (api.llama_token * 1)(api.llama_sampler_sample(self._sampler, self._context, -1))
        start = time.perf_counter()
        for _ in range(count):
            api.llama_decode(self._context, api.llama_batch_get_one(token, 1))
            token[0] = api.llama_sampler_sample(self._sampler, self._context, -1)
        return time.perf_counter() - start


def measured(model: Path | None, prompts: Sequence[Prompt]) -> tuple[dict[str, Any], dict[str, float]]:
    """(facts, figures): tokens per second of ours and of bare llama.cpp, medians over TURNS turns, and their ratio.

    No figures if there is no question."""
    free = list({(prompt.prefix, prompt.suffix): replace(prompt, allowed=None, only={}, sure=False)
                 for prompt in prompts}.values())
    facts: dict[str, Any] = {"questions": len(free), "tokens": 0}
    if not free:
        return facts, {}
    path = model or SHIPPED
    engine, other = _engine(path), Bare(path)
    ours: list[float] = []
    bare: list[float] = []
    try:
        for part in filter(None, (free[at::TURNS] for at in range(TURNS))):
            steps, spent, took = 0, 0.0, 0.0
            for prompt in part:
                answer = engine.answer([prompt.prefix, prompt.suffix], prompt.grammar)
                if answer.sampled:
                    steps += answer.sampled - 1
                    spent += (answer.ms - answer.reading_ms) / 1000
                took += other.write(prompt.prefix + prompt.suffix, BARE_TOKENS)
            if steps:
                ours.append(steps / spent)
                bare.append(BARE_TOKENS * len(part) / took)
                facts["tokens"] += steps
    finally:
        other.close()
    if not ours:
        return facts, {}
    ratio = median([one / two for one, two in zip(ours, bare, strict=True)])
    facts |= {"turns": len(ours), "threads": threads(path.stat().st_size)}
    return facts, {"tokens_per_s": round(median(ours), 1), "tokens_per_s.llama_cpp": round(median(bare), 1),
                   "tokens_per_s.ratio": round(ratio, 3)}


def _engine(path: Path) -> Any:
    from models.language.engine import Engine  # noqa: PLC0415 - only whoever measures loads a second model

    return Engine(path, threads(path.stat().st_size))

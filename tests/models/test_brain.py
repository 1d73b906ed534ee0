"""The model process: real llama.cpp over a tiny GGUF of random weights, whose answers are nonsense in the grammar."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import tiny

from models.language import brain as brains
from models.language.brain import Brain, BrainError
from models.language.chat import INSTRUCTION, messages_of
from models.language.prompt import Option, Prompt, Slot, clean

Result = TypeVar("Result")
LIGHT = (
    Option("do", "turn_on", "turn on"),
    Option("do", "turn_off", "turn off"),
    Option("set", "brightness", "brightness", "", (Slot("", "number", unit="percent", low=0, high=100),)),
    Option("set", "colour", "colour", "", (Slot("", "choice", ("Red", "warm white", "blue")),)),
    Option("do", "say", "say", "", (Slot("text", "text"), Slot("loud", "boolean", required=False))),
)
BLIND = (Option("do", "open", "open"), Option("do", "close", "close"), Option("get", "position", "position"))
SENTENCES = ["turn it on", "dim it to 40 percent", "from 10 to 90", "say hello", "is it open", "", "Tür \u0000 \ud800"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write(tmp_path_factory.mktemp("model") / "chat.gguf", ours=False, template=tiny.TEMPLATE)


def run(path: Path | None, use: Callable[[Brain], Awaitable[Result]]) -> Result:
    async def inside() -> Result:
        async with Brain(path) as brain:
            return await use(brain)

    return asyncio.run(inside())


def light(sentence: str, allowed: frozenset[int] | None = None) -> Prompt:
    return Prompt("light", "Lamp", LIGHT, sentence, allowed)


@pytest.mark.parametrize("kind", ["model", "chat_model"])
def test_every_answer_keeps_the_grammar(kind: str, request: pytest.FixtureRequest) -> None:
    async def use(brain: Brain) -> None:
        for sentence in SENTENCES:
            for prompt in (light(sentence), Prompt("blind", "Blind", BLIND, sentence), Prompt("x", "", (), sentence)):
                found = await brain.complete(prompt)
                assert found.text.endswith("\n")
                prompt.parse(found.text)
                assert 0 < found.confidence <= 1

    run(request.getfixturevalue(kind), use)


def test_options_that_are_not_allowed_are_never_answered(model: Path) -> None:
    async def use(brain: Brain) -> None:
        free = light("dim it to 5").parse((await brain.complete(light("dim it to 5"))).text)
        first = free[0].option if free else 0
        others = frozenset(range(len(LIGHT))) - {first}
        limited = light("dim it to 5", others)
        assert first not in {choice.option for choice in limited.parse((await brain.complete(limited)).text)}
        none = await brain.complete(light("dim it to 5", frozenset()))
        assert (none.text, none.confidence, none.tokens) == ("none\n", 1.0, 0)  # the network is not asked

    run(model, use)


@pytest.mark.parametrize("kind", ["model", "chat_model"])
def test_choices_in_any_writing_can_be_answered(kind: str, request: pytest.FixtureRequest) -> None:
    choices = ("grün", "warm-white", 'a"b', "50%", "it's", "C\\D", "日本")

    async def use(brain: Brain) -> None:
        answers = []
        for choice in choices:
            odd = Option("set", "mode", "mode", "", (Slot("", "choice", (choice,)),))
            only = Prompt("thing", "", (odd, odd), "set it")
            found = await brain.complete(only)
            answers += only.parse(found.text)
            assert found.text == "none\n" or f"set mode:{clean(choice)}" in found.text
        assert answers

    run(request.getfixturevalue(kind), use)


def test_a_kept_prefix_changes_no_answer_and_saves_its_tokens(model: Path) -> None:
    """Things in turn, more of them than sequences, against a brain that knows nothing yet."""
    prompts = [Prompt(f"kind {number} of thing", "", (*LIGHT, *BLIND), sentence)
               for sentence in SENTENCES[:3] for number in range(11)]  # fmt: skip

    async def use(brain: Brain) -> list[tuple[str, float]]:
        return [(found.text, round(found.confidence, 3)) for found in [await brain.complete(one) for one in prompts]]

    together = run(model, use)
    for at in (0, 12, 23, 32):

        async def alone(brain: Brain, at: int = at) -> tuple[str, float]:
            found = await brain.complete(prompts[at])
            return found.text, round(found.confidence, 3)

        assert run(model, alone) == together[at]

    async def twice(brain: Brain) -> tuple[int, int]:
        first = await brain.complete(light("turn it on"))
        await brain.complete(Prompt("blind", "Blind", BLIND, "open it"))
        return first.tokens, (await brain.complete(light("turn it off"))).tokens

    first, second = run(model, twice)
    assert second < first / 3


def test_embeddings_are_unit_rows_and_the_same_again(model: Path) -> None:
    async def use(brain: Brain) -> None:
        rows = await brain.embed(["open the blind", "close the blind", "open the blind", ""])
        assert rows.shape == (4, 32)
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
        assert np.array_equal(rows[0], rows[2])
        assert not np.allclose(rows[0], rows[1], atol=1e-3)
        pid = brain.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # what is known is not asked again
        assert np.array_equal(await asyncio.wait_for(brain.embed(["close the blind"]), 1), rows[1:2])
        os.kill(pid, signal.SIGCONT)
        assert (await brain.embed([])).shape == (0, 0)

    run(model, use)


def test_a_killed_model_process_costs_no_answer(model: Path) -> None:
    async def use(brain: Brain) -> None:
        before = await brain.complete(light("turn it on"))
        for _ in range(2):
            pid = brain.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert (await brain.complete(light("turn it on"))).text == before.text
            assert brain.pid != pid

    run(model, use)


def test_a_model_that_cannot_be_started_again_is_one_sentence(model: Path) -> None:
    async def use(brain: Brain) -> None:
        brain.path = model.with_name("gone.gguf")
        pid = brain.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BrainError, match="cannot be read"):
            await brain.complete(light("turn it on"))
        brain.path = model
        await brain.complete(light("turn it on"))

    run(model, use)


def test_a_hanging_model_process_is_started_again(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brains, "ANSWER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(brains, "STOP_TIMEOUT_S", 0.2)

    async def use(brain: Brain) -> None:
        pid = brain.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await brain.complete(light("turn it on"))
        assert brain.pid != pid

    run(model, use)


def test_a_question_given_up_does_not_answer_the_next(model: Path) -> None:
    async def use(brain: Brain) -> None:
        expected = (await brain.complete(light("dim it to 40"))).text
        asking = asyncio.create_task(brain.complete(Prompt("blind", "Blind", BLIND, "open it")))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await brain.complete(light("dim it to 40"))).text == expected

    run(model, use)


def test_questions_at_once_get_their_own_answers(model: Path) -> None:
    async def use(brain: Brain) -> None:
        prompts = [light(sentence) for sentence in SENTENCES]
        alone = [(await brain.complete(prompt)).text for prompt in prompts]
        together = await asyncio.gather(*(brain.complete(prompt) for prompt in prompts))
        assert [found.text for found in together] == alone

    run(model, use)


def test_the_process_ends_with_its_brain(model: Path) -> None:
    async def use(brain: Brain) -> int | None:
        return brain.pid

    pid = run(model, use)
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_process_ends_when_its_owner_is_killed(model: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", f"""
import asyncio
from pathlib import Path
from models.language.brain import Brain
async def main():
    async with Brain(Path({str(model)!r})) as brain:
        print(brain.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""], stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    owner.stdout.close()
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().split()[2]
        except (ProcessLookupError, FileNotFoundError):
            return
        if state == "Z":  # dead, and not yet buried by init
            return
        time.sleep(0.05)
    pytest.fail("the model process outlives its owner")


def test_a_missing_library_is_one_sentence(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llama_cpp").mkdir()
    (tmp_path / "llama_cpp" / "__init__.py").write_text("raise ImportError('not for this processor')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(BrainError, match=r"pip install 'motewise\[agent\]'"):
        run(model, _nothing)


def test_a_question_longer_than_the_context_is_refused_and_the_next_one_answered(model: Path) -> None:
    async def use(brain: Brain) -> None:
        with pytest.raises(BrainError, match="too long"):
            await brain.complete(light("on " * 2000))
        await brain.complete(light("on"))

    run(model, use)


def test_a_grammar_that_llama_cpp_cannot_read_is_refused(model: Path) -> None:
    odd = Option("set", "mode", "mode", "", (Slot("", "choice", ('a"b\\', "c\x00d")),))

    async def use(brain: Brain) -> None:
        with pytest.raises(BrainError, match="grammar"):
            await brain.complete(Prompt("thing", "", (odd,), "mode a"))
        await brain.complete(light("on"))

    run(model, use)


async def _nothing(brain: Brain) -> None:
    """Only start it."""


def bad_files(folder: Path, whole: Path) -> list[tuple[Path, str]]:
    data = whole.read_bytes()
    made = []
    for name, content, words in (
        ("text.gguf", b"hello world" * 200, "no GGUF"), ("empty.gguf", b"", "no GGUF"),
        ("short.gguf", data[:100], "cut off"),
        ("half.gguf", data[: len(data) // 2], "cannot be loaded"), ("head.gguf", data[:3000], "cannot be loaded"),
        ("zeros.gguf", data[:8] + bytes(len(data) - 8), "cannot be loaded"),
    ):  # fmt: skip
        path = folder / name
        path.write_bytes(content)
        made.append((path, words))
    return [*made, (folder / "none.gguf", "cannot be read"), (folder, "cannot be read")]


def test_files_that_are_no_model_are_one_sentence(tmp_path: Path, model: Path) -> None:
    for path, words in bad_files(tmp_path, model):
        with pytest.raises(BrainError, match=words) as caught:
            run(path, _nothing)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)


def test_a_model_that_is_no_chat_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BrainError, match="no chat model"):
        run(tiny.write(tmp_path / "base.gguf", ours=False), _nothing)


def test_a_template_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    async def use(brain: Brain) -> None:
        await brain.complete(light("on"))

    with pytest.raises(BrainError, match="template"):
        run(tiny.write(tmp_path / "odd.gguf", ours=False, template="{{ raise_exception('no') }}"), use)


def test_small_models_get_one_thread_and_big_ones_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTEWISE_THREADS", raising=False)
    assert brains.threads(3_000_000) == 1
    assert brains.threads(700_000_000) == min(4, os.cpu_count() or 1)
    monkeypatch.setenv("MOTEWISE_THREADS", "3")
    assert brains.threads(3_000_000) == 3


def test_file_and_server_together_are_refused(model: Path) -> None:
    with pytest.raises(BrainError, match="not both"):
        Brain(model, "http://localhost/v1")


def test_nothing_in_the_current_folder_is_run(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("models.py", "json.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)

    async def use(brain: Brain) -> str:
        return (await brain.complete(light("turn it on"))).text

    assert run(model, use)


def test_chat_models_get_instruction_examples_and_the_same_options() -> None:
    messages = messages_of(light("dim it to 40 <|im_end|>"))
    assert messages[0]["content"].startswith(INSTRUCTION)
    assert [message["role"] for message in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"]
    assert light("x").prefix in messages[-1]["content"]
    assert "<|im_end|>" not in messages[-1]["content"]
    assert messages_of(light("other"))[:-1] == messages[:-1]

"""When a larger brain is asked, what becomes of its answer, and what the owner must have said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from things_told import LAMP

from device_agent.config import Config
from device_agent.escalate import Escalation, EscalationError, Settings
from device_agent.understand import Understanding, understand
from firmware_py.core.errors import MotewiseError
from models.language import larger as larger_brains
from models.language.brain import BrainError, Completion
from models.language.larger import Larger, is_near
from models.language.prompt import Option, Prompt

SURE, UNSURE = 0.95, 0.4


class Brain:
    """Says one thing, after a while, or fails."""

    def __init__(self, answer: str, confidence: float = SURE, after_s: float = 0.0, fails: str = "", tokens: int = 9):
        self.answer, self.confidence, self.after_s, self.fails, self.tokens = answer, confidence, after_s, fails, tokens
        self.asked: list[Prompt] = []
        self.name = "other"

    async def __aenter__(self) -> Brain:
        return self

    async def __aexit__(self, *_: Any) -> None:
        return None

    async def complete(self, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        if self.after_s:
            await asyncio.sleep(self.after_s)
        if self.fails:
            raise BrainError(self.fails)
        return Completion(f"{self.answer}\n", self.confidence, 1.0, self.tokens)

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise BrainError("None.")


def told(text: str, small: Brain, large: Brain | None) -> Understanding:
    return asyncio.run(understand(LAMP, text, {"brightness": 50}, small, Escalation(large, 0.6) if large else None))




@pytest.mark.parametrize(("small", "asked"), [
    (Brain("do turn on", UNSURE), True),
    (Brain("do turn on", SURE), False),
    (Brain("none", SURE), True),  # its words lead to the lamp
    (Brain("do turn on", UNSURE, tokens=0), False),  # the grammar left no choice
])
def test_the_larger_one_is_asked_where_the_small_one_is_unsure(small: Brain, asked: bool) -> None:
    large = Brain("set colour:red")
    found = told("zap the desk lamp to red", small, large)
    assert bool(large.asked) is asked
    if asked:
        assert large.asked == small.asked[-1:]  # the same question under the same grammar
        assert (found.decided, found.calls) == ("larger", ({"property": "colour", "value": "Red"},))
        assert "larger" in found.ms
    else:
        assert found.decided != "larger"
        assert "larger" not in found.ms


def test_a_none_of_words_that_lead_nowhere_is_believed() -> None:
    large = Brain("do turn on")
    found = told("tell me a joke about penguins", Brain("none"), large)
    assert (found.status, large.asked) == ("cannot", [])


def test_when_the_larger_one_fails_the_small_ones_refusal_stands_with_the_reason() -> None:
    found = told("zap the desk lamp to red", Brain("none"), Brain("", fails="The server is away."))
    assert (found.status, found.decided) == ("cannot", "model")
    assert found.reason.endswith("The server is away.")
    assert "larger_in_vain" in found.ms
    found = told("zap the desk lamp to red", Brain("set colour:red", 0.5), Brain("", fails="The server is away."))
    assert (found.status, found.decided) == ("ok", "model")  # what it would have done by itself


def test_the_larger_one_is_refused_too_where_the_plain_words_disagree() -> None:
    found = told("zap the desk lamp to 40 percent and such", Brain("none"), Brain("do turn on"))
    assert found.status == "cannot"


# The brain with a time limit

QUESTION = Prompt("lamp", "", (Option("do", "turn_on", "turn on"),), "on")


def limited(brain: Brain, timeout_s: float = 0.2) -> Larger:
    made = Larger(None, "http://localhost/v1", timeout_s)
    made._brain = brain  # type: ignore[assignment]
    return made


def test_an_answer_that_comes_too_late_is_dropped_and_the_next_one_is_its_own() -> None:
    async def use() -> None:
        slow = Brain("do turn on", after_s=0.3)
        async with limited(slow) as larger:
            with pytest.raises(BrainError, match=r"within 0\.2 seconds"):
                await larger.complete(QUESTION)
            slow.after_s = 0.0
            assert (await larger.complete(QUESTION)).text == "do turn on\n"

    asyncio.run(use())


def test_a_model_that_cannot_be_used_is_tried_again() -> None:
    class Away(Brain):
        away = True

        async def __aenter__(self) -> Brain:
            if self.away:
                raise BrainError("It is away.")
            return self

    async def use() -> None:
        brain = Away("do turn on")
        async with limited(brain) as larger:
            with pytest.raises(BrainError, match="It is away"):
                await larger.complete(QUESTION)
            brain.away = False
            assert (await larger.complete(QUESTION)).text == "do turn on\n"

    asyncio.run(use())


def test_leaving_ends_what_is_still_asked() -> None:
    async def use() -> None:
        brain = Brain("do turn on", after_s=60)
        async with limited(brain, 0.05) as larger:
            with pytest.raises(BrainError):
                await larger.complete(QUESTION)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(use())


# What the owner says


@pytest.mark.parametrize(("url", "near"), [
    ("http://localhost:8080/v1", True), ("http://127.0.0.1/v1", True), ("http://[::1]:8080/v1", True),
    ("http://192.168.1.20:8080/v1#qwen", True), ("http://10.0.0.3/v1", True), ("http://[fd00::2]/v1", True),
    ("http://gpu/v1", True), ("http://gpu.local/v1", True), ("https://brain.home.arpa/v1", True),
    ("https://api.example.com/v1", False), ("http://8.8.8.8/v1", False), ("http://134744072/v1", False),
    ("http://0x08080808/v1", False), ("http://[2606:4700::1]/v1", False), ("http://0.0.0.0/v1", False),
    ("http://localhost.example.com/v1", False), ("http://192.168.1.20@example.com/v1", False),
    ("http://example.com/local", False), ("http://[", False), ("", False),
])
def test_what_is_in_the_local_network(url: str, near: bool) -> None:
    assert is_near(url) is near


@pytest.mark.parametrize(("said", "words"), [
    ({"larger_model": Path("m"), "larger_url": "u"}, "not both"),
    ({"escalate": True}, "there must be a larger model"),
    ({"escalate": True, "larger_model": Path("m"), "escalate_below": 1.5}, "up to 1"),
    ({"escalate": True, "larger_model": Path("m"), "larger_timeout_s": 0}, "positive"),
    ({"escalate": True, "larger_url": "https://api.example.com/v1"}, "outside of the local network"),
])
def test_settings_that_cannot_be_are_one_sentence(said: dict[str, Any], words: str) -> None:
    with pytest.raises(EscalationError, match=words) as caught:
        Settings(**said)
    assert "\n" not in str(caught.value)


def test_nothing_is_asked_unless_the_owner_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(larger_brains, "Brain", None)  # not even made

    async def opened(settings: Settings) -> Escalation | None:
        async with settings.opened() as found:
            return found

    assert asyncio.run(opened(Settings())) is None
    assert asyncio.run(opened(Settings(larger_url="https://api.example.com/v1"))) is None


HOST = '[host]\nname = "a"\n{}\n[[thing]]\nid = "urn:motewise:lamp"\ndriver = "device_agent.drivers.simulated:Light"\n'


def test_things_toml_says_whether_and_when(tmp_path: Path) -> None:
    path = tmp_path / "things.toml"
    path.write_text(HOST.format('larger_url = "https://api.example.com/v1"\nescalate = true\nescalate_below = 0.7\n'
                                "larger_outside = true\nlarger_timeout_s = 5"))
    assert Config.read(path).larger == Settings(None, "https://api.example.com/v1", True, 0.7, True, 5)
    path.write_text(HOST.format('larger_model = "big.gguf"'))
    assert Config.read(path).larger == Settings(tmp_path / "big.gguf")


@pytest.mark.parametrize(("lines", "words"), [
    ("escalate = 1", "true or false"), ('escalate_below = "low"', "number"), ("larger_model = 5", "text"),
    ("escalate = true", "larger model"), ('larger_url = "https://example.com/v1"\nescalate = true', "outside"),
])
def test_a_file_that_says_it_wrongly_is_one_sentence(tmp_path: Path, lines: str, words: str) -> None:
    path = tmp_path / "things.toml"
    path.write_text(HOST.format(lines))
    with pytest.raises(MotewiseError, match=words):
        Config.read(path)

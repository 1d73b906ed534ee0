"""The walked grammar against llama.cpp's own on the shipped vocabulary and a byte-wise one; odd grammars."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable, Iterator

import llama_cpp.llama_cpp as api
import numpy as np
import pytest
import tiny

from models.language import automaton
from models.language.automaton import GrammarError, State, Vocabulary
from models.language.brain import SHIPPED
from models.language.engine import Engine
from models.language.prompt import Option, Prompt, Slot

OPTIONS = (
    Option("do", "turn_on", "turn on"),
    Option("do", "turn_on_all", "turn on all"),
    Option("do", "beep", "beep", "", (Slot("times", "number", required=False),)),
    Option("set", "brightness", "brightness", "", (Slot("", "number", unit="percent", low=0, high=100),)),
    Option("set", "colour", "colour", "", (Slot("", "choice", ("Red", "warm white", "grün", 'a"b', "C\\D")),)),
    Option("do", "say", "say", "", (Slot("text", "text"), Slot("loud", "boolean", required=False))),
    Option("get", "on", "on"),
)
PROMPTS = (
    Prompt("light", "", OPTIONS, "dim it to 40 and beep 2 times"),
    Prompt("light", "", OPTIONS, "say hello"),
    Prompt("light", "", OPTIONS, "to 7 or 8", frozenset({3, 4}), {(3, 0): ("1", "2"), (4, 0): ("grün",)}, True),
    Prompt("light", "", OPTIONS[:1], "on", frozenset({0}), {}, True),
    Prompt("light", "", (), "on"),
)


@pytest.fixture(scope="module", params=["shipped", "bytes"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(SHIPPED if request.param == "shipped" else tiny.write(
        tmp_path_factory.mktemp("model") / "tiny.gguf"), 1)


def theirs(engine: Engine, grammar: str) -> Iterator[Callable[[int | None], set[int]]]:
    """A function: accept a token (or None) -> the tokens that llama.cpp's grammar permits next."""
    sampler = api.llama_sampler_init_grammar(engine._vocab, grammar.encode(), b"root")
    size = api.llama_vocab_n_tokens(engine._vocab)
    dtype = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])

    def after(token: int | None) -> set[int]:
        if token is not None:
            api.llama_sampler_accept(sampler, token)
        rows = np.zeros(size, dtype)
        rows["id"] = np.arange(size)
        array = api.llama_token_data_array(rows.ctypes.data_as(api.llama_token_data_p), size, -1, False)
        api.llama_sampler_apply(sampler, ctypes.byref(array))
        return set(rows["id"][np.isfinite(rows["logit"])].tolist())

    yield after
    api.llama_sampler_free(sampler)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_may_come_next_is_what_llama_cpp_permits(engine: Engine, prompt: Prompt) -> None:
    rng = random.Random(prompt.sentence)
    for _ in range(6):
        state, token = automaton.start(prompt.grammar, engine._vocabulary), None
        for after in theirs(engine, prompt.grammar):
            said = b""
            while b"\n" not in said:
                assert set(state.next) == after(token)
                token = rng.choice(sorted(state.next))
                said += engine._pieces[token]
                state = state.next[token]
            prompt.parse(said.decode())
            assert state.next == {}


def words_of(state: State, pieces: list[bytes]) -> set[bytes]:
    """All texts that a finite grammar permits."""
    return {pieces[token] + rest for token, after in state.next.items()
            for rest in (words_of(after, pieces) if after.next else {b""})}


BYTES = [bytes((byte,)) for byte in range(256)]


@pytest.mark.parametrize(("grammar", "texts"), [
    ('root ::= "a"', {b"a"}),
    ('root ::= "a" "b"? ("c" | "d")', {b"ac", b"ad", b"abc", b"abd"}),
    ('root ::= one ";" one "."\none ::= "x" | ""', {b"x;x.", b";x.", b"x;.", b";."}),
    ('root ::= ("a" (";" "b")?)? "\\n"', {b"a\n", b"a;b\n", b"\n"}),
    ('root ::= "\\"" | "\\\\" | "é"', {b'"', b"\\", "é".encode()}),
])
def test_a_grammar_permits_its_texts_and_no_other(grammar: str, texts: set[bytes]) -> None:
    assert words_of(automaton.start(grammar, Vocabulary(BYTES)), BYTES) == texts
    pieces = [*BYTES, b"ab", b";b", b"ac", b"xyz", b"", b"\xff\xff", b"a;b\n"]
    assert words_of(automaton.start(grammar, Vocabulary(pieces)), pieces) == texts


def test_what_leaves_no_choice_is_forced_up_to_where_one_begins() -> None:
    pieces = [*BYTES, b"turn", b"turn o"]
    tokens, state = automaton.start('root ::= "turn on" | "turn off"', Vocabulary(pieces)).forced()
    assert (b"".join(pieces[token] for token in tokens), len(tokens)) == (b"turn o", 1)
    assert {pieces[token] for token in state.next} == {b"n", b"f"}
    tokens, state = automaton.start('root ::= "on"', Vocabulary(pieces)).forced()
    assert (tokens, state.next) == ([ord("o"), ord("n")], {})


@pytest.mark.parametrize("grammar", [
    "", "root", 'other ::= "a"', "root ::= missing", "root ::= ?",
    'root ::= ("a"', 'root ::= "a")', 'root ::= "a', 'root ::= [a-z]',
    'root ::= "a\0"',
])
def test_what_is_no_such_grammar_is_one_sentence(grammar: str) -> None:
    with pytest.raises(GrammarError, match=r"^The grammar for this device cannot be used\.$"):
        automaton.start(grammar, Vocabulary(BYTES)).forced()


def test_the_order_of_tokens_finds_every_beginning() -> None:
    pieces = [b"b", b"", b"ab", b"a", b"a\xff", b"a\xff\xff", b"\xff", b"a", b"\xff\xffz"]
    vocabulary = Vocabulary(pieces)
    for beginning in (b"a", b"ab", b"a\xff", b"\xff", b"\xff\xff", b"b", b"c", b"\0"):
        low, high = vocabulary.beginning(beginning)
        assert sorted(vocabulary._order[low:high]) == [
            token for token, piece in enumerate(pieces) if piece and piece.startswith(beginning)]
        inside, longer = vocabulary.within(beginning)
        assert sorted(inside) == [(token, len(piece)) for token, piece in enumerate(pieces)
                                  if piece and beginning.startswith(piece)]
        assert longer == any(piece.startswith(beginning) and piece != beginning for piece in pieces)

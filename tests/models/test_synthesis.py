"""Training data: the same from the same seed, readable by the prompt, and apart from what is held out."""

from __future__ import annotations

from models.language.people import Mixture
from models.language.synthesis import GROUP, OPTIONS_MAX, Excluded, Synthesis, is_held_out, normal


def _sentences(seed: int, groups: int, held_out: bool = False) -> list[str]:
    making = Synthesis(seed, held_out=held_out)
    return [example.prompt.sentence for _ in range(groups) for example in making.group(GROUP)]


def test_one_seed_makes_the_same_sentences_again() -> None:
    assert _sentences(5, 20) == _sentences(5, 20)
    assert _sentences(5, 20) != _sentences(6, 20)


def test_every_answer_is_one_that_the_prompt_reads_back() -> None:
    making = Synthesis(11)
    for _ in range(60):
        for example in making.group(GROUP):
            choices = example.prompt.parse(example.answer)
            assert bool(choices) == (example.answer != "none\n")
            assert len(example.prompt.options) <= OPTIONS_MAX


def test_a_sentence_of_a_test_set_is_dropped_and_counted() -> None:
    said = _sentences(3, 30)
    excluded = Excluded(frozenset({normal(said[0])}))
    making = Synthesis(3, excluded)
    again = [example.prompt.sentence for _ in range(30) for example in making.group(GROUP)]
    assert normal(said[0]) not in {normal(sentence) for sentence in again}
    assert excluded.dropped >= 1


def test_wordings_that_are_held_out_are_not_trained_on() -> None:
    training, measuring = Synthesis(8), Synthesis(9, held_out=True)
    for kind in ("light", "thermostat", "speaker"):
        for _ in range(30):
            trained = {phrase.template for offer in training.thing(kind).offers for phrase in training._wordings(offer)
                       if any(not is_held_out(one.template) for one in offer.phrases)}
            kept = {phrase.template for offer in measuring.thing(kind).offers for phrase in measuring._wordings(offer)
                    if any(is_held_out(one.template) for one in offer.phrases)}
            assert not any(map(is_held_out, trained))
            assert all(map(is_held_out, kept))


def test_groups_are_made_without_anybodys_data(monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    examples, source = Mixture(1).group()
    assert source == "invented"
    assert len(examples) == GROUP

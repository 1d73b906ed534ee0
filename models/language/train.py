"""`python -m models.language.train OUT --seed 1 --steps N`: train the device's language model from scratch.

A block is one Thing's options and eight sentences about it; every sentence sees the options and itself, at the same
positions as at use, so that the options are computed once for eight. The loss is the answers' cross-entropy, a part of
the texts' own (it teaches to copy), and, for retrieval, a contrastive loss that draws a sentence to the line of its
option (both mean-pooled, as llama.cpp does).
Runs on a CPU; on a GPU with --device cuda. Same seed, same machine, same threads: same file."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from torch.nn import functional

from models.language.network import Decoder, Shape
from models.language.people import Mixture
from models.language.synthesis import OPTIONS_MAX, Example

PAD, BOS = 0, 1
SPECIAL = ("<|pad|>", "<|begin|>")
TEMPERATURE = 0.07
TEXT_SHARE, CONTRAST_SHARE = 0.1, 0.3
# Few options first: the share of the steps over which their number grows to all.
GROWING = 0.4
OPTIONS_FIRST = 2
# How many groups are drawn at a time, to be put side by side by length.
DRAWN = 4


def make_tokenizer(mixture: Mixture, size: int, count: int = 4000) -> Tokenizer:
    """Byte-level BPE as GPT-2's, trained on `count` groups."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    texts = []
    for _ in range(count):
        examples, _ = mixture.group()
        texts += [examples[0].prompt.prefix, *(example.prompt.suffix + example.answer for example in examples)]
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal by five Newton-Schulz steps (Jordan et al. 2024), for matrices."""

    def __init__(self, weights: list[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update every matrix that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                kept = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                kept.lerp_(weight.grad, 1 - group["momentum"])
                update = orthogonal(weight.grad.lerp(kept, group["momentum"]))
                weight.mul_(1 - 0.01 * group["lr"])
                weight.add_(update, alpha=-group["lr"] * max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """About U Vᵀ of a matrix's singular value decomposition."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = wide / (wide.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


def batches(mixture: Mixture, blocks: int, steps: int, first: int) -> Iterator[list[list[Example]]]:
    """`steps` batches of `blocks` groups, those of about the same length together."""
    for step in range(0, steps, DRAWN):
        drawn = [mixture.group(options_at(step / steps, first))[0] for _ in range(blocks * DRAWN)]
        drawn.sort(key=lambda group: sum(len(one.prompt.suffix) for one in group) + len(group[0].prompt.prefix))
        yield from (drawn[start : start + blocks] for start in range(0, len(drawn), blocks))


class Batch:
    """Blocks side by side: tokens, positions, mask, and the targets of the answers."""

    def __init__(self, groups: Sequence[Sequence[Example]], tokenizer: Tokenizer, device: str) -> None:
        rows = [self._block(group, tokenizer) for group in groups]
        time_ = max(len(row[0]) for row in rows)
        batch = len(rows)
        tokens, positions = torch.zeros(batch, time_, dtype=torch.long), torch.zeros(batch, time_, dtype=torch.long)
        segments = torch.full((batch, time_), -1)
        targets = torch.full((batch, time_), -100)
        for number, (ids, places, segment, target) in enumerate(rows):
            length = len(ids)
            tokens[number, :length], positions[number, :length] = torch.tensor(ids), torch.tensor(places)
            segments[number, :length], targets[number, :length] = torch.tensor(segment), torch.tensor(target)
        causal = torch.ones(time_, time_, dtype=torch.bool).tril()
        same = segments[:, :, None] == segments[:, None, :]
        self.mask = (causal & (same | (segments[:, None, :] == 0))).unsqueeze(1).to(device)
        self.tokens, self.positions, self.targets = tokens.to(device), positions.to(device), targets.to(device)
        self.segments = segments
        # The text itself: every next token of the same segment.
        following = torch.full((batch, time_), -100)
        same_next = (segments[:, 1:] == segments[:, :-1]) & (segments[:, 1:] >= 0)
        following[:, :-1][same_next] = tokens[:, 1:][same_next]
        self.following = following.to(device)

    def _block(
        self, group: Sequence[Example], tokenizer: Tokenizer
    ) -> tuple[list[int], list[int], list[int], list[int]]:
        ids = [BOS, *tokenizer.encode(group[0].prompt.prefix).ids]
        begin = len(ids)
        places, segment, target = list(range(begin)), [0] * begin, [-100] * begin
        for number, example in enumerate(group, 1):
            said, answer = tokenizer.encode(example.prompt.suffix).ids, tokenizer.encode(example.answer).ids
            ids += said + answer[:-1]
            places += range(begin, begin + len(said) + len(answer) - 1)
            segment += [number] * (len(said) + len(answer) - 1)
            target += [-100] * (len(said) - 1) + answer
        return ids, places, segment, target


def texts_batch(texts: Sequence[str], tokenizer: Tokenizer, device: str) -> tuple[Tensor, Tensor]:
    """Texts as tokens (n, time) from a beginning sign on, and which of them count."""
    rows = [[BOS, *tokenizer.encode(text).ids] for text in texts]
    time_ = max(map(len, rows))
    tokens = torch.tensor([row + [PAD] * (time_ - len(row)) for row in rows])
    return tokens.to(device), (torch.tensor([[1.0] * len(row) + [0.0] * (time_ - len(row)) for row in rows])).to(device)


def embedded(model: Decoder, texts: Sequence[str], tokenizer: Tokenizer, device: str) -> Tensor:
    """Unit vectors of texts, mean-pooled over their tokens."""
    tokens, counts = texts_batch(texts, tokenizer, device)
    hidden = model.causal(tokens) * counts[..., None]
    return functional.normalize(hidden.sum(1) / counts.sum(1, keepdim=True), dim=-1)


def contrast(model: Decoder, groups: Sequence[Sequence[Example]], tokenizer: Tokenizer, device: str) -> Tensor:
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
    sentences = embedded(model, [example.prompt.suffix for example in picked], tokenizer, device)
    shown = embedded(model, lines, tokenizer, device)
    wanted = torch.tensor([lines.index(example.line) for example in picked]).to(device)
    return functional.cross_entropy(sentences @ shown.T / TEMPERATURE, wanted)


def options_at(share: float, first: int) -> int:
    """How many options Things have after this share of the steps, beginning with `first`."""
    return first + round(min(1.0, share / GROWING) * (OPTIONS_MAX - first))


def loss_of(model: Decoder, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """(mean cross-entropy of the answers' tokens, which of them were right, the same of the texts' own tokens)."""
    hidden = model(batch.tokens, batch.positions, batch.mask)
    place = batch.targets >= 0
    logits = model.logits(hidden[place])
    text = (batch.following >= 0) & ~place
    texts = functional.cross_entropy(model.logits(hidden[text]), batch.following[text])
    return functional.cross_entropy(logits, batch.targets[place]), logits.argmax(-1) == batch.targets[place], texts


@torch.no_grad()
def accuracy(
    model: Decoder, groups: Sequence[tuple[list[Example], str]], tokenizer: Tokenizer, device: str
) -> dict[str, float]:
    """Share of whole answers that are right, teacher-forced, by source."""
    right: dict[str, list[bool]] = {}
    for start in range(0, len(groups), 16):
        part = groups[start : start + 16]
        batch = Batch([group for group, _ in part], tokenizer, device)
        _, hits, _ = loss_of(model, batch)
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


def train(
    out: Path, seed: int, steps: int, blocks: int, rate: float, shape: Shape, device: str, resume: bool, until: int
) -> None:
    """Train, telling of it, and write `out`/model.pt, tokenizer.json, training_SEED.json."""
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    if resume:
        tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    else:
        tokenizer = make_tokenizer(Mixture(seed + 1000), shape.vocabulary)
        tokenizer.save(str(out / "tokenizer.json"))
    mixture, other = Mixture(seed), Mixture(seed + 5000)
    held_out = [other.group() for _ in range(150)]
    model = Decoder(shape).to(device)
    if resume:
        model.load_state_dict(torch.load(out / "model.pt", weights_only=True))
    matrices = [
        weight for name, weight in model.named_parameters() if weight.dim() == 2 and name != "token_embd.weight"
    ]
    others = [weight for name, weight in model.named_parameters() if weight.dim() != 2 or name == "token_embd.weight"]
    optimisers = (Muon(matrices, 8 * rate), torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0))
    started = [optimiser.param_groups[0]["lr"] for optimiser in optimisers]
    taking = batches(mixture, blocks, steps, OPTIONS_MAX if resume else OPTIONS_FIRST)
    falling = 1.0 if resume else 2.0  # the rate falls from the start, or from the middle
    warm_up, start, log = min(100, steps // 10), time.monotonic(), []
    for step in range(min(until, steps)):
        share = min(1.0, (step + 1) / warm_up, max(0.02, falling * (1 - step / steps)))
        for optimiser, first in zip(optimisers, started, strict=True):
            optimiser.param_groups[0]["lr"] = first * share
        taken = next(taking)
        loss, hits, texts = loss_of(model, Batch(taken, tokenizer, device))
        near = contrast(model, taken, tokenizer, device) if step % 3 == 0 else torch.zeros(())
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
            if step % 1000 == 999 or step == min(until, steps) - 1:
                row["accuracy"] = accuracy(model, held_out, tokenizer, device)
                torch.save(model.state_dict(), out / "model.pt")
            print(json.dumps(row), flush=True)
            log.append(row)
    (out / f"training_{seed}.json").write_text(
        json.dumps(
            {
                "seed": seed,
                "resumed": resume,
                "steps": min(until, steps),
                "blocks": blocks,
                "sentences": min(until, steps) * blocks * 8,
                "rate": rate,
                "shape": asdict(shape),
                "parameters": sum(weight.numel() for weight in model.parameters()),
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
    parser = argparse.ArgumentParser(description="Train the device's language model from scratch.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--until", type=int, help="stop after this many steps of the schedule")
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from OUT/model.pt with another seed: all options, the rate falls at once",
    )
    words = parser.parse_args()
    shape = Shape(width=words.width, layers=words.layers, heads=words.width // 32)
    train(
        words.out,
        words.seed,
        words.steps,
        words.blocks,
        words.rate,
        shape,
        words.device,
        words.resume,
        words.until or words.steps,
    )


if __name__ == "__main__":
    main()

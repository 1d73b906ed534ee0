"""Training blocks: one Thing's options and several sentences about it, as tensors.

Every sentence sees the options and itself, at the same positions as at use, so that the options are computed once for
all of them. Also the tokenizer, whose whole words are those that people use."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from models.language.people import Mixture
from models.language.synthesis import Example
from models.language.vectors import Vectors

PAD, BOS = 0, 1
SPECIAL = ("<|pad|>", "<|begin|>")
# Groups whose text the tokenizer sees; common English words it sees beside them, and how often the first of them.
TEXT_GROUPS = 4000
COMMON, COMMON_TIMES = 16_000, 60


def make_tokenizer(mixture: Mixture, size: int, vectors: Vectors | None) -> Tokenizer:
    """Byte-level BPE as GPT-2's, trained on groups and on common English words."""
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
    for _ in range(TEXT_GROUPS):
        examples, _ = mixture.group()
        texts += [examples[0].prompt.prefix, *(example.prompt.suffix + example.answer for example in examples)]
    for place, word in enumerate(vectors.words[:COMMON] if vectors is not None else ()):
        if word.isascii() and word.isalpha():
            texts += [f" {word}"] * max(3, COMMON_TIMES * 200 // (200 + place))
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def known_tokens(tokenizer: Tokenizer, size: int, vectors: Vectors | None) -> Tensor:
    """(size, d): what the vectors know of each token; one column of zeros without vectors."""
    if vectors is None:
        return torch.zeros(size, 1)
    tokens = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda row: row[1])]
    known = torch.zeros(size, vectors.rows.shape[1])
    known[: len(tokens)] = torch.from_numpy(vectors.of_tokens(tokens))
    return known


class Batch:
    """Blocks side by side: tokens, positions, mask, and the targets of the answers.

    `candidates`: the tokens that occur in the batch. A loss chooses among these, as the grammar does at use; `targets`
    and `following` are places in it (-100: none)."""

    def __init__(self, groups: Sequence[Sequence[Example]], tokenizer: Tokenizer, device: str) -> None:
        rows = [self._block(group, tokenizer) for group in groups]
        time = max(len(row[0]) for row in rows)
        batch = len(rows)
        tokens, positions = torch.zeros(batch, time, dtype=torch.long), torch.zeros(batch, time, dtype=torch.long)
        segments = torch.full((batch, time), -1)
        targets = torch.full((batch, time), -100)
        for number, (ids, places, segment, target) in enumerate(rows):
            length = len(ids)
            tokens[number, :length], positions[number, :length] = torch.tensor(ids), torch.tensor(places)
            segments[number, :length], targets[number, :length] = torch.tensor(segment), torch.tensor(target)
        causal = torch.ones(time, time, dtype=torch.bool).tril()
        same = segments[:, :, None] == segments[:, None, :]
        self.mask = (causal & (same | (segments[:, None, :] == 0))).unsqueeze(1).to(device)
        # The text itself: every next token of the same segment.
        following = torch.full((batch, time), -100)
        same_next = (segments[:, 1:] == segments[:, :-1]) & (segments[:, 1:] >= 0)
        following[:, :-1][same_next] = tokens[:, 1:][same_next]
        candidates = torch.unique(torch.cat((tokens.flatten(), targets[targets >= 0])))
        self.candidates = candidates.to(device)
        self.tokens, self.positions, self.segments = tokens.to(device), positions.to(device), segments
        self.targets = _placed(targets, candidates).to(device)
        self.following = _placed(following, candidates).to(device)

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


def _placed(targets: Tensor, candidates: Tensor) -> Tensor:
    return torch.where(targets >= 0, torch.searchsorted(candidates, targets.clamp(min=0)), -100)


def texts_batch(texts: Sequence[str], tokenizer: Tokenizer, device: str) -> tuple[Tensor, Tensor]:
    """Texts as tokens (n, time) from a beginning sign on, and which of them count."""
    rows = [[BOS, *tokenizer.encode(text).ids] for text in texts]
    time = max(map(len, rows))
    tokens = torch.tensor([row + [PAD] * (time - len(row)) for row in rows])
    counts = torch.tensor([[1.0] * len(row) + [0.0] * (time - len(row)) for row in rows])
    return tokens.to(device), counts.to(device)

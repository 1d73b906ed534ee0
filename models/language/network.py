"""The device's language model: a llama-architecture decoder of about two million parameters (PyTorch, for training).

RMSNorm, rotary positions on interleaved pairs (as llama.cpp's `llama`, so that weights export without permutation),
SwiGLU, tied embeddings. Whole words start from what they mean (vectors.py): their embedding is a learnt projection of a
fixed vector plus an own part that starts at zero, so that a word never seen in training lies near its likes. Does not:
tokenise or sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

INIT = 0.045


@dataclass(frozen=True)
class Shape:
    """The network's size. Widths are multiples of 32, so that Q8_0 takes every tensor."""

    vocabulary: int = 12_288
    width: int = 192
    layers: int = 4
    heads: int = 6
    hidden: int = 512
    context: int = 1024
    rope_base: float = 10_000.0
    epsilon: float = 1e-5


class Norm(nn.Module):
    """RMSNorm (Zhang and Sennrich 2019)."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class Embedding(nn.Module):
    """Rows of tokens: an own part, and a projection of `known` (vocabulary, d), zeros for what is no whole word."""

    def __init__(self, shape: Shape, known: Tensor) -> None:
        super().__init__()
        self.register_buffer("known", known, persistent=False)
        self.own = nn.Parameter(torch.randn(shape.vocabulary, shape.width) * INIT)
        self.own.data[known.any(1)] = 0.0
        scale = INIT * (shape.width / known.shape[1]) ** 0.5
        self.projection = nn.Parameter(torch.randn(known.shape[1], shape.width) * scale)

    def rows(self) -> Tensor:
        """(vocabulary, width)."""
        return self.own + self.known @ self.projection


Angles = tuple[Tensor, Tensor]


def angles_at(positions: Tensor, width: int, base: float) -> Angles:
    """Cosines and sines (batch, 1, time, width / 2) of rotary positions (batch, time)."""
    frequencies = base ** (-torch.arange(width // 2, dtype=torch.float32, device=positions.device) / (width // 2))
    angles = positions[:, None, :, None].float() * frequencies
    return angles.cos(), angles.sin()


def rotated(x: Tensor, angles: Angles) -> Tensor:
    """Rotary embedding of x (batch, heads, time, width), on pairs (0, 1), (2, 3), …"""
    cos, sin = angles
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    """Attention and SwiGLU, each behind its norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.shape = shape
        self.attn_norm, self.ffn_norm = Norm(width, shape.epsilon), Norm(width, shape.epsilon)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (
            nn.Linear(width, width, bias=False) for _ in range(4)
        )
        self.ffn_gate, self.ffn_up = nn.Linear(width, hidden, bias=False), nn.Linear(width, hidden, bias=False)
        self.ffn_down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor, angles: Angles, mask: Tensor) -> Tensor:
        batch, time, width = x.shape
        heads, y = self.shape.heads, self.attn_norm(x)
        q, k, v = (
            layer(y).view(batch, time, heads, width // heads).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = rotated(q, angles), rotated(k, angles)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.attn_output(y.transpose(1, 2).reshape(batch, time, width))
        y = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Decoder(nn.Module):
    """Tokens (batch, time) at positions (batch, time) under a mask (batch, 1, time, time) -> hidden states."""

    def __init__(self, shape: Shape, known: Tensor | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = Embedding(shape, torch.zeros(shape.vocabulary, 1) if known is None else known)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.width, shape.epsilon)
        for name, weight in self.blk.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=INIT / (2 * shape.layers) ** 0.5 if last else INIT)
        for block in self.blk:  # a token attends to its likes from the first step on (Trockman and Kolter 2023)
            block.attn_k.weight.data.copy_(block.attn_q.weight.data)

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor, rows: Tensor | None = None) -> Tensor:
        """`rows`: the embedding's, if they were computed already."""
        x = functional.embedding(tokens, self.token_embd.rows() if rows is None else rows)
        angles = angles_at(positions, self.shape.width // self.shape.heads, self.shape.rope_base)
        for block in self.blk:
            x = block(x, angles, mask)
        return self.output_norm(x)

    def causal(self, tokens: Tensor, rows: Tensor | None = None) -> Tensor:
        """Hidden states of plain texts (batch, time), each from position 0."""
        batch, time = tokens.shape
        positions = torch.arange(time, device=tokens.device).expand(batch, time)
        mask = torch.ones(time, time, dtype=torch.bool, device=tokens.device).tril()[None, None]
        return self(tokens, positions, mask, rows)

    def weights(self) -> dict[str, Tensor]:
        """Tensors as llama.cpp names them, the embedding as plain rows."""
        own = {name: weight for name, weight in self.state_dict().items() if not name.startswith("token_embd.")}
        return {"token_embd.weight": self.token_embd.rows().detach(), **own}

"""The device's language model: a llama-architecture decoder of about two million parameters (PyTorch, for training).

RMSNorm, rotary positions on interleaved pairs (as llama.cpp's `llama`, so that weights export without permutation),
SwiGLU, tied embeddings. Does not: tokenise, sample, or know what the text means."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

INIT = 0.045


@dataclass(frozen=True)
class Shape:
    """The network's size. Widths are multiples of 32, so that Q8_0 takes every tensor."""

    vocabulary: int = 2048
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


def rotated(x: Tensor, positions: Tensor, base: float) -> Tensor:
    """Rotary embedding of x (batch, heads, time, width) at positions (batch, time), on pairs (0, 1), (2, 3), …"""
    half = x.shape[-1] // 2
    frequencies = base ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = positions[:, None, :, None].float() * frequencies
    cos, sin = angles.cos(), angles.sin()
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

    def forward(self, x: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        batch, time, width = x.shape
        heads, y = self.shape.heads, self.attn_norm(x)
        q, k, v = (
            layer(y).view(batch, time, heads, width // heads).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = rotated(q, positions, self.shape.rope_base), rotated(k, positions, self.shape.rope_base)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.attn_output(y.transpose(1, 2).reshape(batch, time, width))
        y = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Decoder(nn.Module):
    """Tokens (batch, time) at positions (batch, time) under a mask (batch, 1, time, time) -> hidden states."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.width, shape.epsilon)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=INIT / (2 * shape.layers) ** 0.5 if last else INIT)
        for block in self.blk:  # a token attends to its likes from the first step on (Trockman and Kolter 2023)
            block.attn_k.weight.data.copy_(block.attn_q.weight.data)

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, positions, mask)
        return self.output_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of every token, from hidden states."""
        return hidden @ self.token_embd.weight.T

    def causal(self, tokens: Tensor) -> Tensor:
        """Hidden states of plain texts (batch, time), each from position 0."""
        batch, time = tokens.shape
        positions = torch.arange(time).expand(batch, time)
        return self(tokens, positions, torch.ones(time, time, dtype=torch.bool).tril()[None, None])

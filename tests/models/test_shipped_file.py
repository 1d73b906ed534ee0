"""The shipped GGUF against an oracle: the llama architecture written out in numpy, on the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize

from models.language.brain import SHIPPED

SENTENCE = "light\ndo turn on\ndo turn off\nset brightness # percent 0 to 100\n> dim it to #1 40 percent="
SIZE_MAX = 24 * 1024 * 1024


class Decoder:
    """RMSNorm, rotary positions on pairs (0, 1), (2, 3), …, causal attention, SwiGLU, tied embeddings; float64."""

    def __init__(self, path: Path) -> None:
        reader = GGUFReader(path)
        self.weights = {
            tensor.name: dequantize(tensor.data, tensor.tensor_type).astype(np.float64) for tensor in reader.tensors
        }
        fields = {name: field.contents() for name, field in reader.fields.items()}
        self.layers, self.heads = fields["llama.block_count"], fields["llama.attention.head_count"]
        self.base, self.epsilon = fields["llama.rope.freq_base"], fields["llama.attention.layer_norm_rms_epsilon"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * self.weights[f"{name}.weight"]

    def rotated(self, x: np.ndarray) -> np.ndarray:
        half = x.shape[-1] // 2
        angles = np.arange(x.shape[1])[:, None] * self.base ** (-np.arange(half) / half)
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)
        return np.stack((turned.real, turned.imag), -1).reshape(x.shape)

    def logits(self, tokens: list[int]) -> np.ndarray:
        x = self.weights["token_embd.weight"][tokens]
        time, width = x.shape
        for layer in range(self.layers):
            weight = {name: self.weights[f"blk.{layer}.{name}.weight"] for name in (
                "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")}
            y = self.norm(x, f"blk.{layer}.attn_norm")
            q, k, v = ((y @ weight[name].T).reshape(time, self.heads, -1).swapaxes(0, 1)
                       for name in ("attn_q", "attn_k", "attn_v"))
            scores = self.rotated(q) @ self.rotated(k).swapaxes(1, 2) / np.sqrt(width / self.heads)
            scores[:, np.triu(np.ones((time, time), bool), 1)] = -np.inf
            shares = np.exp(scores - scores.max(-1, keepdims=True))
            shares /= shares.sum(-1, keepdims=True)
            x = x + (shares @ v).swapaxes(0, 1).reshape(time, width) @ weight["attn_output"].T
            y = self.norm(x, f"blk.{layer}.ffn_norm")
            gate = y @ weight["ffn_gate"].T
            x = x + (gate / (1 + np.exp(-gate)) * (y @ weight["ffn_up"].T)) @ weight["ffn_down"].T
        return self.norm(x, "output_norm") @ self.weights["token_embd.weight"].T


def test_llama_cpp_computes_what_the_architecture_says() -> None:
    from llama_cpp import Llama  # noqa: PLC0415 - loading it takes a second

    model = Llama(str(SHIPPED), n_ctx=256, logits_all=True, verbose=False)
    tokens = model.tokenize(SENTENCE.encode(), add_bos=True)
    model.eval(tokens)
    theirs, ours = np.array(model.scores[: len(tokens)]), Decoder(SHIPPED).logits(tokens)
    # llama.cpp rounds activations to eight bits beside Q8_0 weights: close, not equal.
    assert np.abs(theirs - ours).max() < 0.05 * np.abs(ours).max()
    assert (theirs.argmax(-1) == ours.argmax(-1)).mean() > 0.9


def test_the_shipped_file_is_small() -> None:
    assert SHIPPED.stat().st_size <= SIZE_MAX

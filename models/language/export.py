"""`python -m models.language.export RUN OUT.gguf`: a trained decoder as a GGUF file for llama.cpp.

Weights go out without permutation (the network rotates interleaved pairs as llama.cpp does), as Q8_0 or F32, with the
byte-level BPE tokenizer; norms stay F32. `parity` compares the logits of both on real prompts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from models.language.blocks import BOS, PAD, SPECIAL
from models.language.network import Decoder, Shape
from models.language.people import Mixture

NAME = "motewise"
PROMPT_VERSION = "1"
_KINDS = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "f32": gguf.GGMLQuantizationType.F32}


def load(run: Path) -> tuple[Decoder, Tokenizer]:
    """The network and the tokenizer of a training run."""
    saved = torch.load(run / "model.pt", weights_only=True)
    model = Decoder(Shape(**saved["shape"]), saved["known"])
    model.load_state_dict(saved["weights"])
    return model.eval(), Tokenizer.from_file(str(run / "tokenizer.json"))


def export(model: Decoder, tokenizer: Tokenizer, path: Path, kind: str) -> None:
    """Write `path`; `kind`: q8_0 or f32."""
    shape, writer = model.shape, gguf.GGUFWriter(path, "llama")
    writer.add_name(NAME)
    writer.add_string("motewise.prompt", PROMPT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if kind == "q8_0" else gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, tokenizer, shape.vocabulary)
    for name, weight in model.weights().items():
        values = weight.detach().numpy().astype(np.float32)
        if values.ndim == 1 or kind == "f32":
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, gguf.quants.quantize(values, _KINDS[kind]), raw_dtype=_KINDS[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer, size: int) -> None:
    words = tokenizer.get_vocab()
    tokens = [word for word, _ in sorted(words.items(), key=lambda row: row[1])]
    tokens += [f"<|unused{number}|>" for number in range(len(tokens), size)]
    control = set(SPECIAL) | set(tokens[len(words) :])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in control else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(PAD)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(True)


def parity(model: Decoder, tokenizer: Tokenizer, path: Path, count: int = 40) -> dict[str, float]:
    """Both networks on `count` prompts: largest difference of a logit, share of equal choices, equal tokenisations."""
    from llama_cpp import Llama  # noqa: PLC0415 - only whoever compares needs it

    other = Llama(str(path), n_ctx=model.shape.context, logits_all=True, verbose=False)
    mixture = Mixture(4242)
    worst, same, positions, tokenised = 0.0, 0, 0, 0
    for _ in range(count):
        example = mixture.group()[0][0]
        text = example.prompt.prefix + example.prompt.suffix
        ids = [BOS, *tokenizer.encode(example.prompt.prefix).ids, *tokenizer.encode(example.prompt.suffix).ids]
        tokenised += ids == other.tokenize(text.encode(), add_bos=True, special=False)
        other.reset()
        other.eval(ids)
        theirs = np.array(other.scores[: len(ids)])
        with torch.no_grad():
            ours = (model.causal(torch.tensor([ids])) @ model.token_embd.rows().T)[0].numpy()
        worst = max(worst, float(np.abs(ours - theirs).max()))
        same += int((ours.argmax(-1) == theirs.argmax(-1)).sum())
        positions += len(ids)
    return {
        "logit_difference_max": round(worst, 5),
        "same_choice": round(same / positions, 5),
        "same_tokens": tokenised / count,
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Write a trained decoder as GGUF and compare it with its source.")
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", choices=sorted(_KINDS), default="q8_0")
    parser.add_argument("--compare", action="store_true", help="compare the logits with llama.cpp's")
    words = parser.parse_args()
    model, tokenizer = load(words.run)
    export(model, tokenizer, words.out, words.kind)
    told = {"file": words.out.name, "bytes": words.out.stat().st_size}
    print(json.dumps({**told, **(parity(model, tokenizer, words.out) if words.compare else {})}))


if __name__ == "__main__":
    main()

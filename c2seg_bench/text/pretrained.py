"""Loads a frozen text encoder and its tokenizer from a folder or the hub, with all weights and without remote code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from baselines.layers.hub import load_with_transformers
from c2seg_bench.errors import InputError
from c2seg_bench.text.encoder_catalogue import OR_MINILM, EncoderEntry, how_to_get

# kind -> `model_type` in the configuration beside the weights; CXR-BERT is a BERT with an extra head
MODEL_TYPES = {"clip": ("clip", "clip_text_model"), "bert": ("bert", "cxr-bert")}
Forward = Callable[[Any, Any], tuple[Any, Any]]  # ids, mask (torch) -> tokens (n, N, D), pooled (n, D)


class Tower(NamedTuple):
    """A text encoder: its tokenizer, its network, and how both vectors are computed."""

    tokenizer: Any
    model: Any  # eval mode, float32, without gradients
    forward: Forward


def load_tower(name: str, entry: EncoderEntry, location: str) -> Tower:
    """The tower and tokenizer of an encoder. Remote code is never run, whatever the folder requests.

    Args:
        name: as the user wrote it, for messages.
        entry: of the catalogue.
        location: a folder, or a name on the hub.

    Raises:
        InputError: the weights are missing or incomplete, or belong to another architecture.
    """
    source = _Source(name, entry, location)
    model_type = source.model_type()
    kind = entry.kind if entry.kind != "any" else "clip" if model_type in MODEL_TYPES["clip"] else "any"
    # old checkpoints do not state their type; if it is wrong, weights are missing
    if kind != "any" and model_type and model_type not in MODEL_TYPES[kind]:
        raise InputError(
            f"text encoder {name}: {location} contains a {model_type}, expected a {kind}; take hf:{location}"
        )
    if kind == "clip":
        return _clip(source)
    if kind == "any":
        return _bert(source, "AutoTokenizer", "AutoModel")
    return _bert(source, "BertTokenizerFast", "BertModel")


def _bert(source: _Source, tokenizer_class: str, model_class: str) -> Tower:
    """Any BERT-like encoder: its last hidden states are the tokens; their mean, or the first one, is the pooled vector.

    CXR-BERT's pooled vector is its [CLS] state without the projection to 128 dimensions: methods expect one width for
    tokens and pooled vector, and the projection is defined in code that comes with the weights.
    """
    options = {"do_lower_case": False} if source.entry.cased else {}
    model, pooling = source.model(model_class), source.entry.pooling

    def forward(ids: Any, mask: Any) -> tuple[Any, Any]:
        tokens = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        if pooling == "cls":
            return tokens, tokens[:, 0]
        real = mask[..., None].to(tokens.dtype)
        return tokens, (tokens * real).sum(1) / real.sum(1).clamp_min(1)

    return Tower(source.tokenizer(tokenizer_class, model.config.vocab_size, **options), model, forward)


def _clip(source: _Source) -> Tower:
    """CLIP's text tower: token states before the projection, and the end token's state after it."""
    model = source.model("CLIPTextModelWithProjection")
    config = model.config
    if config.projection_dim != config.hidden_size:
        raise InputError(
            f"text encoder {source.name}: tokens are {config.hidden_size} wide, the pooled vector "
            f"{config.projection_dim}; methods need one width, take another CLIP"
        )

    def forward(ids: Any, mask: Any) -> tuple[Any, Any]:
        output = model(input_ids=ids, attention_mask=mask.long())
        return output.last_hidden_state, output.text_embeds

    return Tower(source.tokenizer("AutoTokenizer", config.vocab_size), model, forward)


class _Source:
    """A folder or a name on the hub, read by transformers; any fault becomes an InputError."""

    def __init__(self, name: str, entry: EncoderEntry, location: str):
        self.name, self.entry, self.location = name, entry, location

    def model_type(self) -> str:
        """The architecture's name in the configuration, "" if it has none."""
        # read as a dictionary: AutoConfig refuses types whose code it would have to fetch, such as cxr-bert
        config, _ = self._call("PretrainedConfig", "get_config_dict")
        return str(config.get("model_type", ""))

    def tokenizer(self, tokenizer_class: str, vocab_size: int, **options: Any) -> Any:
        """The tokenizer, checked against the number of token ids: without its files transformers makes an empty one."""
        tokenizer = self._call(tokenizer_class, "from_pretrained", trust_remote_code=False, **options)
        if not len(tokenizer.all_special_ids) < len(tokenizer) <= vocab_size:
            raise InputError(
                f"text encoder {self.name}: the tokenizer of {self.location} has {len(tokenizer)} tokens, the weights "
                f"{vocab_size}; give the folder with the tokenizer's files (vocab.txt, tokenizer.json) that belong to "
                "them"
            )
        return tokenizer

    def model(self, model_class: str) -> Any:
        """The model, with every weight from the checkpoint: transformers alone would leave missing ones random."""
        import torch

        model, info = self._call(
            model_class, "from_pretrained", trust_remote_code=False, output_loading_info=True, dtype=torch.float32
        )
        missing = sorted(info["missing_keys"])
        if missing and all(key.startswith("pooler.") for key in missing):
            model.pooler, missing = None, []  # masked language models are published without it, and it is not used
        if missing:
            raise InputError(
                f"text encoder {self.name}: {len(missing)} weights are not in {self.location}, {missing[0]} first; "
                f"give the complete checkpoint: {how_to_get(self.entry)}"
            )
        return model.eval().requires_grad_(False)

    def _call(self, transformers_class: str, function: str, **options: Any) -> Any:
        def error(reason: str) -> InputError:
            is_folder = Path(self.location).is_dir()
            fix = "give a folder with config.json, weights and tokenizer"
            return InputError(
                f"text encoder {self.name}: the weights of {self.location} cannot be loaded ({reason}); "
                + (fix if is_folder else how_to_get(self.entry) + OR_MINILM)
            )

        return load_with_transformers(
            lambda transformers: getattr(getattr(transformers, transformers_class), function)(self.location, **options),
            error,
        )

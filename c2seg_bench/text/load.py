"""A frozen tower and its tokenizer from a folder or the hub: complete or not at all, and no code that came with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from baselines.layers.hub import ask_hub
from c2seg_bench.errors import InputError
from c2seg_bench.text.known import OR_MINILM, Known, how_to_get

# what the configuration beside the weights calls itself; CXR-BERT's is a BERT with a head of its own beside it
TYPES = {"clip": ("clip", "clip_text_model"), "bert": ("bert", "cxr-bert")}
Run = Callable[[Any, Any], tuple[Any, Any]]  # ids, mask (torch) -> tokens (n, N, D), pooled (n, D)


class Tower(NamedTuple):
    tokenizer: Any
    model: Any  # eval mode, float32, nothing to train
    run: Run


def load(name: str, known: Known, where: str) -> Tower:
    """The tower and tokenizer of an encoder. Remote code is never run, whatever the folder asks for.

    Args:
        name: as the user gave it, for messages.
        known: how to read it.
        where: a folder or a name on the hub.

    Raises:
        InputError: the weights cannot be had, are another architecture's, or lack some of the tower's.
    """
    hub = _Hub(name, known, where)
    found = hub.model_type()
    kind = known.kind if known.kind != "any" else "clip" if found in TYPES["clip"] else "any"
    if kind != "any" and found and found not in TYPES[kind]:  # old checkpoints do not say; their weights will
        raise InputError(f"text encoder {name}: {where} holds a {found}, expected a {kind}; take hf:{where}")
    if kind == "clip":
        return _clip(hub)
    return _bert(hub, "AutoTokenizer", "AutoModel") if kind == "any" else _bert(hub, "BertTokenizerFast", "BertModel")


def _bert(hub: _Hub, tokenizer: str, model: str) -> Tower:
    """Any BERT-like encoder: last hidden states, and their mean over real tokens or the first one's.

    Of CXR-BERT the trunk is read, its [CLS] state is the pooled vector. The projection that follows it there, to 128
    dimensions, is left out: methods are told one width for tokens and pooled vector, and its layers are defined in code
    that comes with the weights.
    """
    case = {"do_lower_case": False} if hub.known.cased else {}
    tower, pooling = hub.model(model), hub.known.pooling

    def run(ids: Any, mask: Any) -> tuple[Any, Any]:
        tokens = tower(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        if pooling == "cls":
            return tokens, tokens[:, 0]
        real = mask[..., None].to(tokens.dtype)
        return tokens, (tokens * real).sum(1) / real.sum(1).clamp_min(1)

    return Tower(hub.tokenizer(tokenizer, tower.config.vocab_size, **case), tower, run)


def _clip(hub: _Hub) -> Tower:
    """CLIP's text tower: token states before the projection, and the end token's state after it."""
    tower = hub.model("CLIPTextModelWithProjection")
    config = tower.config
    if config.projection_dim != config.hidden_size:
        raise InputError(
            f"text encoder {hub.name}: tokens are {config.hidden_size} wide, the pooled vector "
            f"{config.projection_dim}; methods need one width, take another CLIP"
        )

    def run(ids: Any, mask: Any) -> tuple[Any, Any]:
        found = tower(input_ids=ids, attention_mask=mask.long())
        return found.last_hidden_state, found.text_embeds

    return Tower(hub.tokenizer("AutoTokenizer", config.vocab_size), tower, run)


class _Hub:
    """transformers' from_pretrained with one clear error."""

    def __init__(self, name: str, known: Known, where: str):
        self.name, self.known, self.where = name, known, where

    def model_type(self) -> str:
        # read as a dictionary: AutoConfig refuses types whose code it would have to fetch, such as cxr-bert
        load = "PretrainedConfig", "get_config_dict"
        return str(self._ask(*load)[0].get("model_type", ""))

    def tokenizer(self, cls: str, vocab: int, **options: Any) -> Any:
        """The tokenizer of a tower with this many token ids. Without its files transformers makes an empty one."""
        found = self._ask(cls, "from_pretrained", trust_remote_code=False, **options)
        if not len(found.all_special_ids) < len(found) <= vocab:
            raise InputError(
                f"text encoder {self.name}: the tokenizer of {self.where} has {len(found)} tokens, the weights "
                f"{vocab}; give the folder with the tokenizer's files (vocab.txt, tokenizer.json) that belong to them"
            )
        return found

    def model(self, cls: str) -> Any:
        import torch

        model, info = self._ask(
            cls, "from_pretrained", trust_remote_code=False, output_loading_info=True, dtype=torch.float32
        )
        missing = sorted(info["missing_keys"])  # transformers warns at most, and leaves these random
        if missing and all(key.startswith("pooler.") for key in missing):
            model.pooler, missing = None, []  # a layer that masked language models are published without; not read here
        if missing:
            raise InputError(
                f"text encoder {self.name}: {len(missing)} weights are not in {self.where}, {missing[0]} first; "
                f"give the complete checkpoint: {how_to_get(self.known)}"
            )
        return model.eval().requires_grad_(False)

    def _ask(self, cls: str, function: str, **options: Any) -> Any:
        def wrong(reason: str) -> InputError:
            folder = "give a folder with config.json, weights and tokenizer"
            mend = folder if Path(self.where).is_dir() else how_to_get(self.known) + OR_MINILM
            return InputError(
                f"text encoder {self.name}: the weights of {self.where} cannot be had here ({reason}); {mend}"
            )

        return ask_hub(lambda transformers: getattr(getattr(transformers, cls), function)(self.where, **options), wrong)

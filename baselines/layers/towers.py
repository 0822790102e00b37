"""Pretrained networks of transformers ("towers"), built from a configuration or loaded; never silently random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from baselines.contract import TextSpec
from baselines.errors import InputError
from baselines.layers.hub import load_with_transformers, vocabulary

# mean and standard deviation per channel that pretrained towers expect, of images in [0, 1]
STATISTICS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
RESNETS = {"18": [2, 2, 2, 2], "34": [3, 4, 6, 3], "50": [3, 4, 6, 3]}  # layers per stage


def load_tower(model_class: str | type, config: Any, weights: str, source: str, **arguments: Any) -> Any:
    """A transformers model in training mode, float32.

    With weights it has the configuration that came with them, not `config`: read widths and depths from
    `tower.config`, and interpolate positions where the images have another size.

    Args:
        model_class: of transformers, or its name ("SwinModel"); a name keeps the import out of the start-up.
        config: what to build; used with weights "none", from the global torch generator.
        weights: "none", a name on the hub, or a folder.
        source: method and option, for messages, such as "lavt: weights".
        **arguments: further keyword arguments of the class, such as add_pooling_layer=False.

    Raises:
        InputError: the weights cannot be loaded, belong to another architecture, or are incomplete.
    """
    import transformers

    cls: Any = getattr(transformers, model_class) if isinstance(model_class, str) else model_class
    if weights == "none":
        return cls(config, **arguments).train()
    _check_type(config, weights, source)
    options = {"output_loading_info": True, "dtype": torch.float32, **arguments}
    model, info = _load(lambda _: cls.from_pretrained(weights, **options), weights, source)
    if missing := sorted(info["missing_keys"]):
        raise InputError(
            f"{source} {weights!r}: {len(missing)} weights are not in it, {missing[0]} first; take a checkpoint of "
            f"{cls.__name__}, or 'none' to train from scratch"
        )
    return model.train()


def _check_type(config: Any, weights: str, source: str) -> None:
    """InputError for weights of another architecture; transformers only warns, and leaves the weights random."""
    loaded_type = _load(
        lambda transformers: transformers.AutoConfig.from_pretrained(weights), weights, source
    ).model_type
    # a CLIP checkpoint says clip, its vision tower's configuration clip_vision_model
    if loaded_type != config.model_type and not config.model_type.startswith(f"{loaded_type}_"):
        raise InputError(f"{source} {weights!r}: a {loaded_type}, expected a {config.model_type}")


def _load(load: Callable[[Any], Any], weights: str, source: str) -> Any:
    if weights.startswith((".", "/", "~")) and not Path(weights).is_dir():
        raise InputError(f"{source} {weights!r}: no such folder; give one that save_pretrained wrote, or 'none'")

    def error(reason: str) -> InputError:
        return InputError(
            f"{source} {weights!r}: cannot be loaded here ({reason}); run `hf download {weights}` where there is a "
            "network and give the folder, or 'none' to train from scratch"
        )

    return load_with_transformers(load, error)


def standardise(image: Tensor, statistics: str = "imagenet") -> Tensor:
    """Normalise images in [0, 1], (B, 3, H, W), by the mean and deviation of that name in `STATISTICS`."""
    # filled on the image's device: sending numbers from the host would make it wait
    mean, deviation = (
        torch.stack([image.new_full((1, 1), value) for value in values]) for values in STATISTICS[statistics]
    )
    return (image - mean) / deviation


def require_vocab(tower: Any, text: TextSpec, weights: str, source: str) -> None:
    """InputError unless the prompts' token ids are those that a pretrained text tower was trained with.

    Args:
        tower: from `load_tower`.
        text: the prompts' encoder.
        weights, source: as given to `load_tower`; the tokenizer must be beside the weights.
    """
    fix = "take the text encoder with the tower's vocabulary (minilm and hf:google-bert/bert-base-uncased have BERT's)"
    if tower.config.vocab_size != text.vocab:
        raise InputError(
            f"{source} {weights!r}: {tower.config.vocab_size} token ids, the prompts' encoder has {text.vocab}; {fix}"
        )
    if weights == "none" or not text.words.digest:
        return
    tokenizer = _load(lambda transformers: transformers.AutoTokenizer.from_pretrained(weights), weights, source)
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # what transformers makes if the files are missing
        raise InputError(f"{source} {weights!r}: no tokenizer beside the weights; copy its vocab.txt there, {fix}")
    if vocabulary(tokenizer).digest != text.words.digest:
        raise InputError(f"{source} {weights!r}: token ids stand for other words than the prompts' encoder's; {fix}")


def resnet_config(size: str = "50", width: int = 64) -> Any:
    """ResNet-50, -34 or -18 (`size`); `width` channels in the stem, 64 in the papers; "50" ends in 32 times as many."""
    from transformers import ResNetConfig

    scale, kind = (4, "bottleneck") if size == "50" else (1, "basic")
    hidden = [scale * width * 2**i for i in range(4)]
    return ResNetConfig(embedding_size=width, hidden_sizes=hidden, depths=RESNETS[size], layer_type=kind)


def swin_config(
    width: int = 128,
    depths: Sequence[int] = (2, 2, 18, 2),
    heads: Sequence[int] = (4, 8, 16, 32),
    window: int = 7,
    drop_path: float = 0.3,
    image_size: int = 224,
) -> Any:
    """A Swin, of size B by default; T is width 96, depths 2 2 6 2, heads 3 6 12 24. See `layers/swin.py` to run it."""
    from transformers import SwinConfig

    return SwinConfig(
        embed_dim=width,
        depths=list(depths),
        num_heads=list(heads),
        window_size=window,
        drop_path_rate=drop_path,
        image_size=image_size,
    )


def bert_config(
    vocab: int, width: int = 768, depth: int = 12, heads: int = 12, *, length: int = 512, dropout: float = 0.1
) -> Any:
    """A BERT, of size base by default; `length` positions."""
    from transformers import BertConfig

    return BertConfig(
        vocab_size=vocab,
        hidden_size=width,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        intermediate_size=4 * width,
        max_position_embeddings=length,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )


def convnext_config(widths: Sequence[int] = (96, 192, 384, 768), depths: Sequence[int] = (3, 3, 9, 3)) -> Any:
    """A ConvNeXt, of size T by default."""
    from transformers import ConvNextConfig

    return ConvNextConfig(hidden_sizes=list(widths), depths=list(depths))

"""Small encoders in the form of the published ones: a folder with configuration, weights and tokenizer."""

import json
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    BertTokenizer,
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
)

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "two", "infected", "areas", ",", "upper", "left", "lung"]
WORDS += ["infection", "lower", "right", "and", "Left", "Lung"]


def save_bert(folder: Path, cls: type = BertModel, *, tokenizer: bool = True) -> Path:
    """A BERT of width 16 that reads 24 tokens; cls may be BertForMaskedLM, whose checkpoint has no pooler."""
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    if tokenizer:
        BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24,
    )  # fmt: skip
    cls(config).save_pretrained(folder)
    return folder


def save_cxr_bert(folder: Path) -> Path:
    """As CXR-BERT is published: a masked language model, a head of 128 beside it, and remote code."""
    save_bert(folder, BertForMaskedLM)
    from safetensors.torch import load_file, save_file

    head = {
        f"cls_projection_head.{layer}.{part}": torch.ones(16)
        for layer in ("dense_to_hidden", "LayerNorm")
        for part in ("weight", "bias")
    }
    save_file(
        {**load_file(folder / "model.safetensors"), **head}, folder / "model.safetensors", metadata={"format": "pt"}
    )
    code = {
        "AutoConfig": "evil.CXRBertConfig",
        "AutoModel": "evil.CXRBertModel",
        "AutoTokenizer": "evil.CXRBertTokenizer",
    }
    edit_json(
        folder / "config.json", model_type="cxr-bert", architectures=["CXRBertModel"], auto_map=code, projection_size=8
    )
    edit_json(
        folder / "tokenizer_config.json", tokenizer_class="CXRBertTokenizer",
        auto_map={"AutoTokenizer": ["evil.CXRBertTokenizer", None]},
    )  # fmt: skip
    (folder / "evil.py").write_text(f"open({str(folder / 'was-run')!r}, 'w').close()\nraise SystemExit")
    return folder


def save_clip(folder: Path, *, whole: bool = False, projection: int = 16) -> Path:
    """A CLIP text tower of width 16, alone or, as openai's checkpoints are, with its image tower."""
    letters = sorted(set("twoinfectedareas,upperleftlunglowerrightand"))
    vocab = {t: i for i, t in enumerate([*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"])}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    end = vocab["<|endoftext|>"]
    CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    text = CLIPTextConfig(
        vocab_size=len(vocab), hidden_size=16, intermediate_size=32, projection_dim=projection, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=64, bos_token_id=end - 1, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    if whole:
        vision = CLIPVisionConfig(
            hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32
        )
        both = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=projection)
        CLIPModel(both).save_pretrained(folder)
    else:
        CLIPTextModelWithProjection(text).save_pretrained(folder)
    return folder


def edit_json(path: Path, **changes) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def remove_weight(folder: Path, key: str) -> None:
    """Remove a weight from a checkpoint, as if the copy were incomplete or of another class."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights[key]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

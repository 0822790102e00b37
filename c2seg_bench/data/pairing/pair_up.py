"""Pairing the files of two folders by their names."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from c2seg_bench.data.images.stacks import depth_of
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import ByName, some
from c2seg_bench.data.pairing.list_folder import list_folder
from c2seg_bench.data.pairing.pairs import MaskPairs, Pair, Pairing
from c2seg_bench.errors import InputError


def pair_up(
    predictions: Path,
    targets: Path,
    how: Pairing = Pairing(),
    prompted: Container[str] | None = None,  # noqa: B008
) -> MaskPairs:
    """The pairs of two folders; InputError if a file has no partner.

    Args:
        prompted: names that have a prompt, for the subset of these.
    """
    preds = list_folder(predictions, "--predictions", template=how.prediction_names)
    truths = list_folder(targets, "--targets", template=how.target_names)
    readers = (
        MaskReader(preds.values(), probabilities=True, label=how.prediction_label),
        MaskReader(truths.values(), label=how.target_label),
    )
    if how.subset == "prompts" and prompted is not None:
        preds, truths = (ByName({n: p for n, p in files.items() if n in prompted}) for files in (preds, truths))
        if not (preds or truths):
            raise InputError(f"--subset prompts: no name in {predictions} or {targets} has a prompt; correct the names")
    partners = {name: key for name in preds if (key := truths.key(name)) is not None and preds.key(key) == name}
    lonely = {
        f"{predictions}: {{}} of {len(preds)} without a target": [preds[n].name for n in preds if n not in partners]
    }
    if how.subset != "predictions":
        paired = set(partners.values())
        without = [truths[n].name for n in truths if n not in paired]
        lonely[f"{targets}: {{}} of {len(truths)} without a prediction"] = without
    messages = [f"{what.format(len(names))} ({some(names)})" for what, names in lonely.items() if names]
    if messages:
        fix = "names must be the same on both sides, but for ending and mask_; or give --suffix or --prediction-names"
        fix += "" if how.subset else ", or score a part with --subset"
        raise InputError(f"{'; '.join(messages)}; {fix}")
    pairs = [Pair(name, preds[name], truths[partner]) for name, partner in partners.items()]
    return MaskPairs(_by_slice(pairs) if how.stacks == "slices" else pairs, *readers, how)


def _by_slice(pairs: list[Pair]) -> list[Pair]:
    """A pair for every slice; InputError where prediction and target have not as many."""
    slices = []
    for pair in pairs:
        depth, other = depth_of(pair.pred), depth_of(pair.target)
        if depth != other:
            raise InputError(f"{pair.pred}: {depth} slices, its target {pair.target}: {other}; give as many")
        slices += [pair._replace(name=f"{pair.name}#{page}", page=page) for page in range(depth)]
    return slices

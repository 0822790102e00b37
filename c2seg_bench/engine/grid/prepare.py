"""What all cells of a suite share, made before any of them runs: checks, prepared data, noisy prompts, embeddings."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.checks.prompt_fit import misfit
from c2seg_bench.data.source import SOURCES, SPLITS, Record, list_records
from c2seg_bench.engine.display.bar import bar
from c2seg_bench.engine.inputs.conditions import freeze_noise
from c2seg_bench.engine.inputs.follow import edited_prompts
from c2seg_bench.engine.inputs.follow_examples import KINDS, freeze_examples
from c2seg_bench.engine.inputs.noise import all_variants
from c2seg_bench.engine.inputs.referring import freeze_referring
from c2seg_bench.errors import InputError
from c2seg_bench.files import user_path
from c2seg_bench.rundir import RunDir
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Dataset, Suite
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.prompt_table import PromptTable


def prepare_all(suite: Suite, run: RunDir, console: Console) -> None:
    """Prepare every dataset, write the noisy prompts, and embed every distinct prompt by every encoder."""
    prompts: list[str] = []
    records = {name: list_pairs(suite, name, console) for name in suite.datasets}  # before any image is read
    for name in suite.datasets:
        cache = prepare_dataset(suite, run, name, console, records[name])
        prompts += list(cache.index["prompt"])
        prompts += freeze_noise(suite, run, name, cache)
        prompts += freeze_referring(suite, run, name, cache)
        prompts += training_prompts(suite, run, name, cache)
    for name in suite.encoders():
        with bar(f"embed prompts by {name}", console) as progress:
            table = PromptTable.build(prompts, load_encoder(name), run.text(name), progress)
        console.print(f"text: {len(table.prompts)} distinct prompts embedded by {name}", highlight=False)


def list_pairs(suite: Suite, name: str, console: Console) -> list[Record]:
    """The pairs of a dataset. Warns where most of their prompts state nothing in the ontology.

    Raises:
        InputError: a split has no pairs: the checkpoint is chosen on val, the scores are those of test.
    """
    entry = suite.datasets[name]
    records = list_records(entry.source, _root(entry), entry.size, **entry.options)
    for split in SPLITS:
        if not any(record.split == split for record in records):
            fix = ", or options: {validation: 0.1} to take a share of train" if split == "val" else ""
            raise InputError(f"datasets.{name}: no pairs in the split {split}; a run needs {', '.join(SPLITS)}{fix}")
    if line := misfit([record.prompt for record in records], entry.ontology or SOURCES[entry.source].ontology):
        console.print(f"warning: datasets.{name}: {line}", highlight=False)
    return records


def prepare_dataset(
    suite: Suite, run: RunDir, name: str, console: Console, records: list[Record] | None = None
) -> Cache:
    """The prepared dataset.

    Args:
        records: of `list_pairs`, where they are listed already.
    """
    entry = suite.datasets[name]
    records = list_pairs(suite, name, console) if records is None else records
    root, workers = _root(entry), suite.workers
    with bar(f"prepare {name}", console) as progress:
        cache = prepare(entry.source, run.data(name), entry.size, root, workers, progress, records, **entry.options)
    console.print(f"{name}: {len(cache.index)} pairs at {entry.size}x{entry.size}", highlight=False)
    return cache


def _root(entry: Dataset) -> Path | None:
    return user_path(entry.root, "root") if entry.root else None


def training_prompts(suite: Suite, run: RunDir, dataset: str, cache: Cache) -> list[str]:
    """The edited prompts and noisy wordings that some method is trained with. Writes the file of edits it needs."""
    true_prompts = list(cache.index["prompt"].iloc[cache.rows("train")])
    recipes = [suite.training(method) for method in suite.trained]
    examples = []
    if follows := [recipe.follow for recipe in recipes if recipe.follow]:
        judge = Judge.of_dataset(suite.datasets[dataset], cache)
        needed = {kind for follow in follows for kind in KINDS if follow.shares[kind]}
        examples = freeze_examples(run.training_examples(dataset), cache, judge, needed)
    prompts: list[str] = []
    for recipe in recipes:
        edited = edited_prompts(examples, recipe.follow) if recipe.follow else set()
        prompts += edited
        prompts += all_variants(true_prompts, recipe.wordings, edited) if recipe.wordings else []
    return prompts

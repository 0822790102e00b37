"""The records of explorer.json: images, prompts and pairs, added until there is no room for more."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from c2seg_bench.referring.example import Example
from c2seg_bench.referring.frozen import read_frozen
from c2seg_bench.results.explorer.draw import Drawer
from c2seg_bench.results.explorer.encode import jpeg, run_lengths
from c2seg_bench.results.explorer.pairs import Grid, Pair
from c2seg_bench.results.explorer.reading import reading
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import Condition
from metrics.consistency import parse

Record = dict[str, Any]


Key = TypeVar("Key", bound=Hashable)


class Numbered(Generic[Key]):
    """Records in the order in which they came, and the number of each by its key."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.numbers: dict[Key, int] = {}

    def put(self, key: Key, record: Record) -> int:
        """The number of the record with this key, which is added where it is new."""
        if key not in self.numbers:
            self.numbers[key] = len(self.records)
            self.records.append(record)
        return self.numbers[key]


class Content:
    """Pairs with the images and prompts that they refer to by number."""

    def __init__(self, run: Run, grids: Sequence[Grid]):
        self._run, self._grids = run, grids
        self._drawers: dict[int, Drawer] = {}
        self._examples: dict[int, dict[tuple[Condition, int], Example]] = {}
        self._images = [run.cache(grid.dataset).images for grid in grids]
        self.pictures: Numbered[tuple[int, int]] = Numbered()
        self.prompts: Numbered[tuple[int, str]] = Numbered()
        self.pairs: Numbered[tuple[int, Pair]] = Numbered()

    def add(
        self, wanted: Sequence[tuple[int, Pair]], room: int, trainings: Sequence[Sequence[int]] | None = None
    ) -> int:
        """Add pairs in order while they fit; those under clean prompts come before all others.

        Args:
            room: bytes that the pairs may take, with the images and prompts that are new.
            trainings: of each grid, those whose cases are shown; default: all.

        Returns:
            The bytes of `room` that are left.
        """
        cases = self._cases(wanted, trainings)
        for g, pair in wanted:
            picture_key, text = (g, pair.image), self._grids[g].prompts[pair]
            record = {"condition": pair.condition, "cases": cases[g, pair], **self._target(g, pair)}
            prompt = self._prompt(g, text)
            picture = None if picture_key in self.pictures.numbers else self._picture(g, pair.image)
            new = [record, prompt, *([] if picture is None else [picture])]
            length = sum(len(as_text(part).encode()) + 1 for part in new)  # and a comma
            if length > room:
                break
            room -= length
            links = {
                "picture": self.pictures.put(picture_key, picture or {}),
                "prompt": self.prompts.put((g, text), prompt),
            }
            self.pairs.put((g, pair), links | record)
        return room

    def _cases(
        self, wanted: Sequence[tuple[int, Pair]], trainings: Sequence[Sequence[int]] | None
    ) -> dict[tuple[int, Pair], list]:
        """(grid, pair) -> its cases, each file of masks being read once."""
        images: dict[tuple[int, int], list[int]] = defaultdict(list)
        for g, pair in wanted:
            images[g, pair.condition].append(pair.image)
        cases = {}
        for (g, condition), chosen in images.items():
            if g not in self._drawers:
                self._drawers[g] = Drawer(self._run, self._grids[g], chosen)
            of_images = self._drawers[g].cases(condition, chosen, None if trainings is None else trainings[g])
            cases.update({(g, Pair(condition, i)): c for i, c in zip(chosen, of_images, strict=True)})
        return cases

    def _target(self, g: int, pair: Pair) -> Record:
        """The correct mask of a prompt that has one of its own, under `target`."""
        grid = self._grids[g]
        condition = grid.conditions[pair.condition]
        if not condition.is_referring:
            return {}
        if g not in self._examples:
            run = self._run
            frozen = read_frozen(run.files.referring(grid.dataset), run.cache(grid.dataset))
            self._examples[g] = {(c, e.row): e for c, examples in frozen.by_condition.items() for e in examples}
        truth = self._run.truth[grid.dataset]
        example = self._examples[g][condition, int(truth.cache_rows[pair.image])]
        return {"target": run_lengths(example.target(truth.masks[pair.image]))}

    def _prompt(self, g: int, text: str) -> Record:
        return reading(parse(text, self._run.truth[self._grids[g].dataset].judge.ontology))

    def _picture(self, g: int, image: int) -> Record:
        grid = self._grids[g]
        truth = self._run.truth[grid.dataset]
        mask = truth.masks[image]
        picture = self._images[g][truth.cache_rows[image]]
        return {"dataset": g, "name": grid.images[image], "height": mask.shape[0], "width": mask.shape[1],
                "jpeg": jpeg(picture), "truth": run_lengths(mask)}  # fmt: skip


def as_text(value: Any) -> str:
    """JSON as explorer.json has it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

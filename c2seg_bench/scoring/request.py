"""A request to `score`: folders, how to read them, and what to list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from c2seg_bench.data.pairing.pairs import Pairing
from c2seg_bench.data.tables.prompt_tables import Columns
from c2seg_bench.errors import InputError
from metrics.catalogue import DEFAULT, POLICIES, Metric, mask_metrics

DEFAULT_FRAME = "thirds"


@dataclass(frozen=True)
class ScoreRequest:
    """Folders of masks to score, and how.

    Args:
        predictions, targets: folders; images pair by stem, without a leading `mask_`.
        prompts: table (csv, xlsx, json) of an image's name and its prompt, for every pair at least.
        ontology, frame: to read the prompts and to locate cells in an image; see `metrics.consistency`. Without an
            ontology, the one that the frame was calibrated with.
        images: folder of the images, for a frame that locates the lungs in them, and for the sheet.
        lungs: folder of lung masks, for a frame relative to the lungs.
        empty: policy for distances of empty masks; `metrics.summarise`.
        metrics: names of the metrics that the summary lists; those that are not default have a column each.
        pairing: how files are paired and read.
        columns: names of the columns that are read from the table of prompts.
        spacing: of a pixel in mm, see `data.spacing`; None: distances are in pixels.
        groups: column of the prompts' table, or a pattern with one group for names, that says whose image it is;
            intervals then draw subjects with all their images.
        workers: threads; the scores do not depend on it. None: one per core.
        sheet: the PNG of the worst cases; None: it is not drawn.

    Raises:
        InputError: two options contradict each other, or one has an unknown value; one line that names it.
    """

    predictions: Path
    targets: Path
    prompts: Path | None = None
    ontology: str | None = None
    frame: str | None = None
    images: Path | None = None
    lungs: Path | None = None
    empty: str = "diagonal"
    metrics: Sequence[str] = DEFAULT
    pairing: Pairing = Pairing()  # noqa: RUF009
    columns: Columns = Columns()  # noqa: RUF009
    spacing: str | None = None
    groups: str | None = None
    workers: int | None = None
    sheet: Path | None = None

    def __post_init__(self) -> None:
        if self.empty not in POLICIES:
            raise InputError(f"--empty {self.empty}: there are {', '.join(POLICIES)}")
        _ = self.listed
        if self.prompts is None:
            self._refuse_options_of_prompts()
        elif self.pairing.stacks == "volumes":
            raise InputError("--stacks volumes: prompts describe images; give --stacks slices, or leave out --prompts")
        if self.sheet is not None and self.images is None:
            other = "" if self.sheet.suffix.lower() == ".png" else " (the sheet of a workbook is --prompt-sheet)"
            raise InputError(f"--sheet {self.sheet}: shows masks on their images; give --images as well{other}")
        if self.sheet is not None and self.pairing.stacks == "volumes":
            raise InputError(f"--sheet {self.sheet}: draws images; give --stacks slices")

    def _refuse_options_of_prompts(self) -> None:
        needless = {"--frame": self.frame, "--ontology": self.ontology, "--lungs": self.lungs}
        needless |= {"--prompt-column": self.columns.prompt, "--prompt-sheet": self.columns.sheet}
        if self.sheet is None:
            needless["--images"] = self.images
        for option, value in needless.items():
            if value is not None:
                raise InputError(f"{option} {value}: is for comparing masks with prompts; give --prompts as well")
        if self.pairing.subset == "prompts":
            raise InputError("--subset prompts: no prompts are given; give --prompts as well")

    @property
    def listed(self) -> tuple[Metric, ...]:
        """The metrics of the summary; InputError that names the option."""
        try:
            return mask_metrics(self.metrics)
        except ValueError as e:
            raise InputError(f"--metrics: {e}") from None

    @property
    def inputs(self) -> tuple[Path | None, ...]:
        """Files and folders that are read."""
        return self.predictions, self.targets, self.prompts, self.images, self.lungs

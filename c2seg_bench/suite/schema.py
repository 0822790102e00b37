"""The schema of a suite: which methods, on which datasets, with which seeds and recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from c2seg_bench.suite.evaluation import Referring, Score, Stress
from c2seg_bench.suite.limits import ENTRIES, MOST, each_once
from c2seg_bench.suite.method import Entry, MethodEntry
from c2seg_bench.suite.outside import OutsideEntry
from c2seg_bench.suite.strict import FOLDER_NAME, Strict
from c2seg_bench.suite.training import Pretrain, Train

if TYPE_CHECKING:
    from baselines.contract import Method

# rows that the tables have besides the methods'
RESERVED_LABELS = ("empty", "full", "mean mask", "prompt only", "ground truth")


class Dataset(Strict):
    source: str
    root: str | None = None
    size: int = Field(224, ge=16, le=4096, description="side of the square images, pixels")
    options: dict[str, Any] = Field(default_factory=dict, description="of the source, e.g. style, train, val, test")
    ontology: str | None = None
    frame: str | None = None


class Suite(Strict):
    name: str = Field(pattern=FOLDER_NAME)
    out: str | None = None
    text: str = "minilm"
    size: str = "tiny"
    seeds: list[int] = Field(default_factory=lambda: [0], min_length=1, max_length=ENTRIES)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    compile: bool = Field(False, description="the network of a training step, by torch.compile; for GPUs")
    devices: int = Field(1, ge=1, le=1024, description="GPUs that train one cell together; on a CPU, processes")
    predict_batch: int = Field(
        32,
        ge=1,
        le=MOST,
        description="images, and pairs of image and prompt, predicted at a time; as memory allows",
    )
    workers: int = Field(1, ge=1, le=256, description="cells at a time")
    threads: int = Field(1, ge=1, le=1024, description="CPU threads of one cell; part of what makes numbers repeat")
    datasets: dict[Annotated[str, Field(pattern=FOLDER_NAME)], Dataset] = Field(min_length=1, max_length=ENTRIES)
    methods: list[Entry] = Field(min_length=1, max_length=ENTRIES)
    recipe: Literal["common", "official"] = Field(
        "common", description="common: one loss and one training for all; official: each method's own"
    )
    train: Train = Field(default_factory=lambda: Train())
    pretrain: Pretrain = Field(default_factory=lambda: Pretrain())
    stress: Stress = Field(default_factory=lambda: Stress())
    referring: Referring | None = Field(None, description="edited prompts with a known answer; none where not given")
    score: Score = Field(default_factory=lambda: Score())

    _once = field_validator("seeds")(each_once)

    @model_validator(mode="after")
    def _distinct(self) -> Suite:
        labels = [m.label for m in self.methods]
        twice = sorted({x for x in labels if labels.count(x) > 1})
        if twice:
            raise ValueError(f"methods: {', '.join(twice)} appears twice; give each its own label")
        if taken := [x for x in labels if x in RESERVED_LABELS]:
            raise ValueError(f"methods: label {taken[0]!r} is the name of another row in the tables; give another")
        for method in self.trained:  # overrides are checked when the file is read, not after an hour
            self.training(method), self.pretraining(method)
        return self

    @property
    def trained(self) -> list[MethodEntry]:
        """The methods that are trained here."""
        return [method for method in self.methods if isinstance(method, MethodEntry)]

    @property
    def outside(self) -> list[OutsideEntry]:
        """The models that were trained elsewhere."""
        return [method for method in self.methods if isinstance(method, OutsideEntry)]

    def training(self, method: MethodEntry) -> Train:
        """The suite's settings, then the method's official ones where its recipe is, then its own overrides."""
        return Train(**{**self.train.model_dump(), **self._official_recipe(method), **method.train})

    def pretraining(self, method: MethodEntry) -> Pretrain:
        """The suite's settings, then the method's official ones where its recipe is, then its own overrides."""
        official = self._class_of(method).official_pretraining if self._is_official(method) else {}
        return Pretrain(**{**self.pretrain.model_dump(), **official, **method.pretrain})

    def options(self, method: MethodEntry) -> dict[str, Any]:
        """What the method is built with; `recipe` where its official recipe has a loss of its own."""
        if not self._is_official(method):
            return method.options
        from baselines import registry

        self._class_of(method)
        recipe = {"recipe": "official"} if "recipe" in registry.options(method.name, method.size or self.size) else {}
        return {**recipe, **method.options}

    def encoder(self, method: MethodEntry) -> str:
        """Name of the text encoder whose prompts the method reads."""
        return method.text or self.text

    def encoders(self) -> list[str]:
        """Every encoder that a method reads, once, in the order of the methods."""
        return list(dict.fromkeys(map(self.encoder, self.trained)))

    def without_official(self) -> list[str]:
        """Labels of methods that should train by an official recipe and have none; the suite's settings apply."""
        return [m.label for m in self.trained if self._is_official(m) and not self._official_recipe(m)]

    def _is_official(self, method: MethodEntry) -> bool:
        return (method.recipe or self.recipe) == "official"

    def _official_recipe(self, method: MethodEntry) -> dict[str, Any]:
        return self._class_of(method).official_recipe if self._is_official(method) else {}

    @staticmethod
    def _class_of(method: MethodEntry) -> type[Method]:
        """The method's class; its own file, if it has one, is imported."""
        from baselines import registry

        method.register()
        return registry.get(method.name)

"""The schema of a suite: which methods, on which datasets, with which seeds and recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from c2seg_bench.rundir import CLEAN, REFERRING_KINDS, Condition, ReferringKind
from c2seg_bench.suite.outside import OutsideEntry, kind_of
from c2seg_bench.suite.strict import FOLDER_NAME, Strict

MOST = 1_000_000  # of epochs, steps and pictures: more is a slip of the keyboard
ENTRIES = 1000  # of any list in a suite
# rows that the tables have besides the methods'
RESERVED_LABELS = ("empty", "full", "mean mask", "prompt only", "ground truth")


class Dataset(Strict):
    source: str
    root: str | None = None
    size: int = Field(224, ge=16, le=4096, description="side of the square pictures, pixels")
    options: dict[str, Any] = Field(default_factory=dict, description="of the source, e.g. style, train, val, test")
    ontology: str | None = None
    frame: str | None = None


def every_family(value: Any) -> Any:
    """The word "all" as the names of all families of noise, "kept" as those that keep the meaning."""
    if value not in ("all", "kept"):
        return value
    from c2seg_bench.stress import FAMILIES

    return sorted(name for name, family in FAMILIES.items() if value == "all" or family.kind == "kept")


def each_once(value: list[Any]) -> list[Any]:
    if twice := [v for i, v in enumerate(value) if v in value[:i]]:
        raise ValueError(f"{twice[0]!r} is given twice; keep one")
    return value


class Noise(Strict):
    """Noise in training: a share of the prompts is replaced by one of a few noisy wordings."""

    share: float = Field(0.3, gt=0, le=1, description="of the prompts of an epoch")
    families: list[str] = Field(default_factory=lambda: every_family("kept"), min_length=1, max_length=ENTRIES)
    variants: int = Field(6, ge=1, le=100, description="noisy wordings of each distinct prompt")

    _names = field_validator("families", mode="before")(every_family)


class Follow(Strict):
    """Training that follows the words: shares of an epoch's prompts that are edited so that the right mask is known.

    A picture that admits no prompt of the kind drawn for it keeps its own. The edits are those of
    `c2seg_bench.referring`, made from the training split.
    """

    part: float = Field(0.0, ge=0, le=1, description="name some of the lesions; target: those alone")
    nowhere: float = Field(0.0, ge=0, le=1, description="name a place without a lesion; target: empty")
    mirrored: float = Field(0.0, ge=0, le=1, description="picture and mask flipped, sides exchanged in the prompt")
    no_prompt: float = Field(0.0, ge=0, le=1, description="no prompt; target: the whole mask")
    empty: float = Field(0.0, ge=0, description="weight of the area of masks whose target is empty")
    agree: float = Field(
        0.0, ge=0, description="weight of the distance between the masks of two wordings of a prompt, see noise"
    )

    @property
    def shares(self) -> dict[str, float]:
        """Kind of edit -> its share."""
        return self.model_dump(exclude={"agree", "empty"})

    @property
    def weights(self) -> dict[str, float]:
        """Name of a further term of the loss -> its weight."""
        return self.model_dump(include={"agree", "empty"})

    @model_validator(mode="after")
    def _something(self) -> Follow:
        total = sum(self.shares.values())
        if total > 1:
            raise ValueError(f"the shares add up to {total:g}; together they are at most 1")
        if self.empty and not self.nowhere:
            raise ValueError("empty is given and nowhere is not: no target would be empty; give nowhere a share")
        if not total and not self.agree:
            raise ValueError(f"nothing is given; give {', '.join([*self.shares, 'agree'])}, or leave the key out")
        return self


class Train(Strict):
    epochs: int = Field(50, ge=1, le=MOST)
    batch: int = Field(32, ge=1, le=MOST)
    micro_batch: int | None = Field(
        None, ge=1, le=MOST, description="pictures at a time; gradients are summed up to a batch"
    )
    lr: float = Field(1e-3, gt=0)
    min_lr: float = Field(1e-6, ge=0, description="where the schedule ends")
    schedule: Literal["cosine", "restarts", "polynomial", "plateau", "constant"] = "cosine"
    period: int | None = Field(None, ge=1, le=MOST, description="epochs of one cosine: all, or 10 with restarts")
    power: float = Field(0.9, gt=0, description="of the polynomial schedule")
    plateau: int = Field(5, ge=0, le=MOST, description="epochs without a better figure before the rate is reduced")
    factor: float = Field(0.1, gt=0, lt=1, description="of each reduction on a plateau")
    weight_decay: float = Field(0.0, ge=0)
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    betas: tuple[float, float] = Field((0.9, 0.999), description="of Adam and AdamW")
    momentum: float = Field(0.99, ge=0, lt=1, description="of SGD; 0.99 with Nesterov is nnU-Net's")
    nesterov: bool = True
    epoch_steps: int | None = Field(
        None, ge=1, le=MOST, description="steps that an epoch counts; one pass where not given"
    )
    patience: int | None = Field(None, ge=1, le=MOST, description="epochs without a better validation Dice")
    clip: float | None = Field(None, gt=0, description="largest gradient norm")
    augment: Literal["none", "photometric"] = "none"
    noise: Noise | None = Field(None, description="in the prompts of training")
    follow: Follow | None = Field(None, description="edited prompts of training whose right mask is known")

    @property
    def wordings(self) -> Noise | None:
        """The noisy wordings that training needs: those of `noise`, else the default ones where `follow.agree` does."""
        return self.noise or (Noise() if self.follow and self.follow.agree else None)


class Pretrain(Strict):
    epochs: int = Field(0, ge=0, le=MOST, description="0: no pretraining")
    batch: int = Field(256, ge=2, le=MOST)
    micro_batch: int | None = Field(
        None, ge=2, le=MOST, description="pictures encoded at a time; the loss sees the whole batch"
    )
    lr: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    betas: tuple[float, float] = Field((0.9, 0.999), description="of Adam")
    schedule: Literal["cosine", "plateau", "constant"] = "cosine"
    factor: float = Field(0.1, gt=0, lt=1, description="of each reduction on a plateau")
    clip: float | None = Field(None, gt=0, description="largest gradient norm")
    contrast: Literal["cacl", "hard"] = "cacl"
    tau: float = Field(0.07, gt=0)
    rho: float = Field(0.8, ge=0, le=1)


class MethodEntry(Strict):
    name: str = ""
    module: str | None = Field(None, description="Python file that defines the method, relative to the suite file")
    label: str = Field("", pattern=FOLDER_NAME + "|^$", description="the row's name where one method appears twice")
    size: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    text: str | None = Field(None, description="encoder instead of the suite's")
    recipe: Literal["common", "official"] | None = Field(None, description="instead of the suite's")
    train: dict[str, Any] = Field(default_factory=dict, description="overrides of the suite's recipe")
    pretrain: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("module")
    @classmethod
    def _absolute(cls, value: str | None, info: ValidationInfo) -> str | None:
        folder = Path((info.context or {}).get("folder", ""))
        return None if value is None else str((folder / Path(value).expanduser()).resolve())

    @model_validator(mode="after")
    def _label(self) -> MethodEntry:
        own = self._load_module()
        self.name = self.name or (own[0] if len(own) == 1 else "")
        if not self.name:
            raise ValueError(f"name: give one of {', '.join(own)}" if own else "name: give the name of a method")
        if own and self.name not in own:
            raise ValueError(f"name: {self.module} defines no method {self.name!r}; it has {', '.join(own)}")
        self.label = self.label or self.name
        return self

    def _load_module(self) -> list[str]:
        if self.module is None:
            return []
        from baselines import registry

        return registry.load_file(self.module)

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """In a worker process the module is not imported yet."""
        super().__setstate__(state)
        self._load_module()


Entry = Annotated[
    Annotated[MethodEntry, Tag("trained")] | Annotated[OutsideEntry, Tag("outside")], Discriminator(kind_of)
]


class Stress(Strict):
    families: list[str] = Field(default_factory=list, max_length=ENTRIES, description="of noise, or the word all")
    severities: list[int] = Field(default_factory=lambda: [1, 2, 3, 4, 5], min_length=1, max_length=ENTRIES)
    images: int | None = Field(None, ge=2, le=MOST, description="of the test split, evenly spaced; all where not given")

    _names = field_validator("families", mode="before")(every_family)

    @field_validator("severities")
    @classmethod
    def _range(cls, value: list[int]) -> list[int]:
        if any(s not in range(1, 6) for s in value):
            raise ValueError("severities run from 1 to 5")
        return value

    _once = field_validator("families", "severities")(each_once)

    def conditions(self) -> list[Condition]:
        """The clean prompts, then every family at the severities that differ for it, in the suite's order."""
        from c2seg_bench.stress import FAMILIES

        noisy = [Condition(name, s) for name in self.families for s in FAMILIES[name].sweep(self.severities)]
        return [CLEAN, *noisy]


class Referring(Strict):
    """Edited prompts whose right mask is known; see docs/referring.md."""

    kinds: list[ReferringKind] = Field(default_factory=lambda: list(REFERRING_KINDS), min_length=1)
    images: int | None = Field(None, ge=2, description="of the test split, evenly spaced; all where not given")
    per_image: int = Field(2, ge=1, description="prompts of one kind and picture at most")

    _once = field_validator("kinds")(each_once)


def _default_metrics() -> list[str]:
    from metrics.catalogue import DEFAULT

    return list(DEFAULT)


class Score(Strict):
    empty: Literal["diagonal", "skip", "nan"] = "diagonal"
    bootstrap: int = Field(2000, ge=100, le=100_000)
    metrics: list[str] = Field(
        default_factory=lambda: _default_metrics(),
        min_length=1,
        max_length=ENTRIES,
        description="of masks, that the tables list",
    )

    _once = field_validator("metrics")(each_once)

    @field_validator("metrics")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        from metrics.catalogue import mask_metrics

        try:
            mask_metrics(value)
        except ValueError as e:
            raise ValueError(str(e)) from None
        return value


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
        return Train(**{**self.train.model_dump(), **self._official(method), **method.train})

    def options(self, method: MethodEntry) -> dict[str, Any]:
        """What the method is built with; `recipe` where its official recipe has a loss of its own."""
        if not self._is_official(method):
            return method.options
        from baselines import registry

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
        return [m.label for m in self.trained if self._is_official(m) and not self._official(m)]

    def _is_official(self, method: MethodEntry) -> bool:
        return (method.recipe or self.recipe) == "official"

    def _official(self, method: MethodEntry) -> dict[str, Any]:
        if not self._is_official(method):
            return {}
        from baselines import registry

        return registry.get(method.name).official_recipe

    def pretraining(self, method: MethodEntry) -> Pretrain:
        """The suite's settings, then the method's official ones where its recipe is, then its own overrides."""
        from baselines import registry

        official = registry.get(method.name).official_pretraining if self._is_official(method) else {}
        return Pretrain(**{**self.pretrain.model_dump(), **official, **method.pretrain})

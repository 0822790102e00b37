"""What a package says of its method and its data, for deciding whether two results can be compared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from c2seg_bench.files.digests import digest

Short = Annotated[str, Field(max_length=200)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class DatasetRecord(BaseModel):
    """What decides whether two results on a dataset can be compared.

    Args:
        images: of the test split.
        split, pictures, prompts: digests of the test images' names, of their pixels with the experts' masks, and of
            their prompts.
        size: side of the images in pixels.
        frame: digest of the frame that positions were judged in.
        noise: condition -> digest of its prompts.
    """

    model_config = ConfigDict(extra="forbid")

    source: Short
    images: int = Field(ge=1)
    split: Digest
    pictures: Digest
    prompts: Digest
    size: int = Field(ge=1)
    ontology: Short
    frame: Digest
    noise: dict[Short, Digest] = Field(max_length=1000)


class Manifest(BaseModel):
    """`scoring` is the version of the scores: equal masks have equal scores where it is the same."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    method: Short
    title: Short
    uses_text: bool | None = None
    params_m: float | None = Field(None, ge=0, description="millions of trained parameters")
    link: Short = ""
    suite: Short
    scoring: int
    threshold: float
    datasets: dict[Short, DatasetRecord] = Field(min_length=1, max_length=100)
    provenance: dict[str, Any] = Field(default_factory=dict, max_length=100)


def split_digest(images: list[str]) -> str:
    return digest(sorted(images))

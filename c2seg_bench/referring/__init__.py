"""Edited prompts whose correct mask is known, made from an expert's mask, its prompt and the frame.

    from c2seg_bench.referring import generate

    for example in generate(masks, prompts, judge, names, kinds=("part", "nowhere")):
        example.prompt, example.target(masks[example.row])

docs/referring.md explains the four kinds and what a method's masks for them show.
"""

from c2seg_bench.referring.dataset import survey_rows
from c2seg_bench.referring.example import KINDS, Example, Refusal, Survey
from c2seg_bench.referring.generate import generate, survey

__all__ = ["KINDS", "Example", "Refusal", "Survey", "generate", "survey", "survey_rows"]

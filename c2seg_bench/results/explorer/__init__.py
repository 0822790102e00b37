"""explorer.json: images, prompts, masks and verdicts that the report's page lets a reader look into.

A *pair* is one image with one prompt (clean, noisy or edited); a *case* is the mask of one training for a pair.
"""

from c2seg_bench.results.explorer.write import write_explorer

__all__ = ["write_explorer"]

"""explorer.json: pictures, prompts, masks and verdicts that the report's page lets a reader look into.

A *pair* is one picture with one prompt (clean, noisy or edited); a *case* is what one method drew for a pair.
"""

from c2seg_bench.results.explorer.write import write_explorer

__all__ = ["write_explorer"]

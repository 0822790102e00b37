"""What `datasets check` looks at beyond reading: one module per question, found and run by `ask_all`."""

from c2seg_bench.data.checks.question import Finding, Look, Material, ask_all, question

__all__ = ["Finding", "Look", "Material", "ask_all", "question"]

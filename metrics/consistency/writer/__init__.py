"""The reader's inverse: a prompt in a dataset's own grammar from what it has to state, checked by reading it back."""

from metrics.consistency.writer.constraint import Constraint, reads_back
from metrics.consistency.writer.writer import Writer

__all__ = ["Constraint", "Writer", "reads_back"]

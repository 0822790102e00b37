"""The reader's inverse: writes a prompt in a dataset's own grammar from constraints, and reads it back as a check."""

from metrics.consistency.writer.constraint import Constraint, reads_back
from metrics.consistency.writer.writer import Writer

__all__ = ["Constraint", "Writer", "reads_back"]

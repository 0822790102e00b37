"""The errors of wrong inputs: one line each, exit code 2."""

from baselines.errors import InputError as MethodError
from metrics.errors import InputError as MetricError
from reports.errors import InputError as ReportError


class InputError(ValueError):
    """A wrong input, in one line: what is wrong, where, and how to fix it."""


WRONG_INPUT = (InputError, MethodError, MetricError, ReportError)

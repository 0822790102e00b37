"""The error of a wrong input."""


class InputError(ValueError):
    """A wrong input. The message is one line: what is wrong, where (file, row, column), how to fix it."""

"""The error of a wrong input."""


class InputError(ValueError):
    """A wrong input, told in one line: what is wrong, where (file, row, column), and the mend. The command exits 2."""

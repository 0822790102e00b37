"""The error of a wrong input."""


class InputError(ValueError):
    """Wrong input. The message is one line: what is wrong, where (method, option), and how to fix it."""

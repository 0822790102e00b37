"""The error of a wrong input."""


class InputError(ValueError):
    """A wrong input; the message is one line: what is wrong, where (method, option), how to fix it."""

"""Image files of every format -> arrays."""

"""The datasets that are known by name, one module each."""

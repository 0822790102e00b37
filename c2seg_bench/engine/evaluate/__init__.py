"""A model trained elsewhere in a run of its own: called, or through a pack of files."""

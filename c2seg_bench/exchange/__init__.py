"""Results outside a run: comparing two, exporting one, and ranking those of several groups in one table."""

"""The metric's own test: drawn masks with single faults, the reader against hand labels, experts' masks."""

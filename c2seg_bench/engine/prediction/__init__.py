"""Masks of the test split under every condition."""

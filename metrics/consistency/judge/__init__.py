"""Masks against findings: components, what is in each cell, and whether the mask satisfies what is stated."""

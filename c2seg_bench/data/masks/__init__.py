"""Mask files -> 0 and 1; masks in memory and on disk, one bit per pixel."""

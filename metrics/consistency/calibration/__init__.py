"""Fitting a frame to the masks and prompts of a training split."""

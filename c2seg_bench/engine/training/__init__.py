"""Pretraining and training of one cell."""

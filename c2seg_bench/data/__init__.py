"""Datasets: one module per layout, one prepared form for all of them."""

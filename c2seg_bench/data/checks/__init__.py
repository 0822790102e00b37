"""What is wrong with a dataset, one module per kind of check."""

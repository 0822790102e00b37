"""One cell from its inputs to its scores."""

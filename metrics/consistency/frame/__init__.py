"""Where words lie in an image: the cuts of the grid, the lungs, and how experts name zones."""

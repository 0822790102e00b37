"""Where words lie in a picture: the cuts of the grid, the lungs, and how experts name zones."""

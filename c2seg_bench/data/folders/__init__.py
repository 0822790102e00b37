"""A dataset in a folder: where images, masks and tables are, and which belong together."""

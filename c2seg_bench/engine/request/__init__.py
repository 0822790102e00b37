"""What decides a cell's files, and the files that answer it."""

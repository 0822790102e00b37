"""Progress in a file and on the terminal."""

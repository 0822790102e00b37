"""Printing text from outside, which must not act on the terminal."""

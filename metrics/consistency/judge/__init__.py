"""Masks against findings: components, what lies in each cell, and whether what is stated is true of the mask."""

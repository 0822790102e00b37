"""Predictions and targets of two folders, paired by name, each with its prompt, image and lungs."""

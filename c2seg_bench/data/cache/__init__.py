"""A dataset prepared once: images and masks at one size, prompts, manifest."""

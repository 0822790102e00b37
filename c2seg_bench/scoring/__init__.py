"""Masks, and prompts where there are any, to rows of scores: folders of anyone's masks, and the masks of a cell."""

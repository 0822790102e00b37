"""From masks, with or without prompts, to rows of scores: for folders of masks, and for the masks of a cell."""

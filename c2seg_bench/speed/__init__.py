"""How fast this program is, each part as a ratio to a named peer that is measured in the same run."""

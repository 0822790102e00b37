"""Models that were trained elsewhere: what they are asked, how they are called, and how their masks are read."""

"""Models that were trained elsewhere: the requests they get, how they are called, how their masks are read."""

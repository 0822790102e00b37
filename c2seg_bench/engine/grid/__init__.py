"""All cells of a suite: check, prepare, plan, run, report."""

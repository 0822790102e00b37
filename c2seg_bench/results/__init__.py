"""Per-image scores of a run -> the tidy tables that `reports` reads; their columns are in `schema`."""

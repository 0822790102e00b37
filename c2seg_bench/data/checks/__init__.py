"""What `datasets check` looks at beyond reading: one module per subject, run by `finding.run_checks`."""

"""The figures of a report, each drawn by one module from a `Run`."""

"""CPU and GPU: choosing them, bringing batches to them, sharing work between processes."""

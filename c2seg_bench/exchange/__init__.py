"""Results that leave a run: comparing two of them, exporting one, and ranking many people's in one table."""

"""Text to findings: what a prompt states, read with the words of an ontology."""

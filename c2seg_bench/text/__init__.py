"""Prompts as vectors: the frozen text encoders and the table of prompt embeddings."""

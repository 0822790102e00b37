"""What a cell reads: images, embeddings, and noisy and edited prompts."""

"""CSV, JSON and Excel files -> prompts and names."""

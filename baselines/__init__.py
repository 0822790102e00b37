"""Methods that segment an image, most of them with a prompt: one module per method, one contract, one registry.

The package knows no dataset and no metric. `baselines.registry.build(name, size, text, image_size)` builds a method.
"""

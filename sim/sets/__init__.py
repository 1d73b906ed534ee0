"""Test sets of our own making: written apart from the data that trains the model, made at run time from a fixed seed,
and frozen by hash (`frozen.toml`). Does not: read the training generator, or other people's data."""

"""The runner of a list of experiments."""

"""The shared library: input, models, scoring, evaluation, output, in that order."""

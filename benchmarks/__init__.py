"""Plain timers of what should be fast; `python -m benchmarks` runs them all."""

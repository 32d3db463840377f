"""Measures what models make and how fast. Knows nothing about windows, workers or training."""

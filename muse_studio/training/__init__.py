"""Trains every stage of the cascade. Knows nothing about windows, workers or messages."""

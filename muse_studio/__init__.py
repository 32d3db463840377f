"""Muse Studio: an image editor built on masked generative transformers. Importing this imports nothing else."""

__version__ = "0.1.0"

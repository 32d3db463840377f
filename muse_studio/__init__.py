"""Muse Studio: an image editor built on masked generative transformers. Importing this imports nothing else."""

import os

__version__ = "0.1.0"

# Read by OpenMP once, when torch is imported, whichever of the rooms imports it first: a thread that waits for another
# sleeps. Spinning, two threads beside one other busy program take ten times as long; docs/decisions/092.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

"""The Muse cascade: tokenizers, transformers, text encoders, decoding and checkpoint folders.

Tensors in, tensors out. Knows nothing of pictures in files, documents, masks of an artist, processes, windows or the
command line, and imports nothing else of this program.
"""

import os

# Read by OpenMP when torch is imported: a thread that waits for another sleeps. Spinning, two threads beside one other
# busy program take ten times as long as asleep; docs/decisions/092.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

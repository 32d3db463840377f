"""The process that owns the model: one job at a time, every step told, cancellable between steps.

Knows nothing of documents, windows or the screen. Importing this package imports neither torch nor Qt.
"""

import os
import sys

if sys.platform == "darwin":  # read by torch when it is imported: what MPS cannot do yet is done by the CPU
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

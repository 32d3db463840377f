"""Published times of one picture, to stand beside measured ones. Knows nothing about how ours are measured.

Each is its authors' or a public table's own figure on the hardware that the row names: none was measured here, and a
ratio between such a row and a measured one compares two machines as much as two models.
"""

from __future__ import annotations

from muse_studio.evaluation.bench import Row

LABEL = "published, other hardware"

_SECONDS = (
    ("Muse-3B, 512 px, 24 + 8 steps, TPUv4 (arXiv 2301.00704)", 1.3),
    ("Muse-3B, 256 px, TPUv4 (arXiv 2301.00704)", 0.5),
    ("aMUSEd-512, 12 steps, A100", 0.54),
    ("aMUSEd-512, 12 steps, RTX 4090", 0.24),
    ("aMUSEd-512, 12 steps, float32, diffusers, two CPU cores", 46.0),
    ("Stable Diffusion 1.5, 20 steps, A100", 0.85),
    ("Stable Diffusion 1.5, 20 steps, RTX 4090", 0.55),
    ("LCM, 4 steps, A100", 0.32),
    ("LCM, 4 steps, RTX 4090", 0.24),
    ("SD-Turbo, 1 step, A100", 0.038),
    ("SDXL-Turbo, 4 steps, TensorRT, H100", 0.084),
    ("Meissonic, 1024 px, 64 steps", 12.4),
)


def published_rows() -> list[Row]:
    """One row per figure, each marked as what it is."""
    return [Row(f"{LABEL}: {what}", seconds, "s") for what, seconds in _SECONDS]

"""Where the files that come with the program lie. Knows nothing of their contents, nor of what the artist made.

Three homes: a source checkout (`models/` and `resources/` beside the package), an installed wheel (`bundled/` inside
it), and a frozen program (beside the executable's own files).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MODEL_VARIABLE = "MUSE_STUDIO_MODEL"
PACKAGE = Path(__file__).resolve().parent


def homes() -> tuple[Path, ...]:
    """Folders that may hold `models/` and `resources/`, the most likely first."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return (Path(frozen),)
    return (PACKAGE / "bundled", PACKAGE.parent)


def shipped(relative: str) -> Path:
    """The file or folder `relative` that ships with the program; where a checkout would have it, if it is missing."""
    candidates = [home / relative for home in homes()]
    return next((path for path in candidates if path.exists()), candidates[-1])


def default_model() -> Path:
    """The cascade to use when none is named: $MUSE_STUDIO_MODEL, else the one that ships. It may not exist."""
    named = os.environ.get(MODEL_VARIABLE)
    return Path(named).expanduser() if named else shipped("models/default")


def resources() -> Path:
    """Icons, themes, translations and sample pictures."""
    return shipped("resources")

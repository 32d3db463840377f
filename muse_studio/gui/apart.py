"""Keeps a window that no artist looks at (screenshots, bench, selfcheck) away from the artist's own things.

Settings, the gallery and recovered work are then in a folder that goes when it is over. Knows nothing of what they are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("MUSE_STUDIO_CONFIG", "MUSE_STUDIO_DATA")


@contextmanager
def apart() -> Iterator[None]:
    """While open, everything that the program remembers goes into an empty folder."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ.update(dict.fromkeys(VARIABLES, folder))
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

"""The words that the default model has learned, as `resources/vocabulary.json`: what the studio completes in a prompt.

`python -m muse_studio.training.data.vocabulary` writes it anew. Knows nothing of pictures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from muse_studio.core.files import atomic_write
from muse_studio.training.data.captions import with_article
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.table import load_table

FORMAT = 1
PATH = Path("resources/vocabulary.json")
STYLES = ("3d", "flat", "sticker")
"""Those of the captions that the default model's transformers saw; its tokenizers saw four more."""
PLACES = ("above", "below", "to the left of", "to the right of", "in a row", "side by side")
"""How its captions tell where things are."""


def vocabulary() -> dict[str, Any]:
    """Things with their article, styles as a prompt says them, backgrounds, and how two things lie."""
    drawings = load_table("reduced")
    return {
        "format": FORMAT,
        "things": sorted({with_article(drawing.label) for drawing in drawings}),
        "styles": [f"{style} style" for style in STYLES],
        "backgrounds": [f"on {with_article('background', colour)}" for colour in sorted(BACKGROUNDS)],
        "places": list(PLACES),
    }


def main() -> None:
    atomic_write(PATH, (json.dumps(vocabulary(), indent=2) + "\n").encode("ascii"))


if __name__ == "__main__":
    main()

"""The words that the default model has learned, as `resources/vocabulary.json`: what the studio completes in a prompt.

`python -m muse_studio.training.data.vocabulary` writes it anew. Knows nothing of pictures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from muse_studio.core.files import atomic_write
from muse_studio.training.data.captions import with_article
from muse_studio.training.data.concepts import MORE_CONCEPTS, REDUCED_CONCEPTS
from muse_studio.training.data.hues import BACKGROUNDS

FORMAT = 1
PATH = Path("resources/vocabulary.json")
STYLES = ("3d", "flat", "sticker")
"""Those of the captions that the default model's transformers saw; its tokenizers saw four more."""
PLACES = ("above", "below", "to the left of", "to the right of", "in a row", "side by side")
"""How its captions tell where things are."""


def vocabulary() -> dict[str, Any]:
    """Things with their article, styles as a prompt says them, backgrounds, how two things lie, and the more things."""
    return {
        "format": FORMAT,
        "things": sorted(map(with_article, REDUCED_CONCEPTS.values())),
        "styles": [f"{style} style" for style in STYLES],
        "backgrounds": [f"on {with_article('background', colour)}" for colour in sorted(BACKGROUNDS)],
        "places": list(PLACES),
        "more": sorted(map(with_article, MORE_CONCEPTS.values())),
    }


def main() -> None:
    atomic_write(PATH, (json.dumps(vocabulary(), indent=2) + "\n").encode("ascii"))


if __name__ == "__main__":
    main()

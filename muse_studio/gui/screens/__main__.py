"""`python -m muse_studio.gui.screens [--out DIR] [--fake] [SCENE…]`: the screenshots; 0 if all went right."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from muse_studio.gui.apart import apart
from muse_studio.gui.screens.session import take


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="screens", description="Take the reference screenshots.")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"), metavar="DIR")
    parser.add_argument("--fake", action="store_true", help="coloured pictures instead of the model's: fast")
    parser.add_argument("scenes", nargs="*", help="only these, in the order of all (default: all)")
    options = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with apart():
        return take(options.out, tuple(options.scenes), fake=options.fake)


if __name__ == "__main__":
    sys.exit(main())

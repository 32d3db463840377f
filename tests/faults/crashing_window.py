"""A studio that paints and is then killed, as by the kernel. Run by test_saving.py.

Arguments: a picture to open, or nothing for a new document. Says "kept" when the recovery file is there, and waits.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import numpy as np

from muse_studio.client.fake import FakeClient
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point
from muse_studio.core.recovery import recovery_folder
from muse_studio.core.settings import Settings
from muse_studio.gui.app import make_application, make_loop, make_window
from muse_studio.gui.hands import Hands
from muse_studio.gui.incoming import PictureFile
from muse_studio.gui.sheet import Sheet


async def paint(picture: Path | None) -> None:
    app = make_application(["studio"])
    window = make_window(app, FakeClient(step_s=None), Path("no-model"), Settings(), lambda _: None)
    window.resize(1200, 800)
    window.show()
    if picture is None:
        window.start_over(Sheet(Document(np.full((512, 512, 3), 200, np.uint8)), "Untitled"))
    else:
        await window.files.take(PictureFile(picture))
    await asyncio.sleep(0.05)
    Hands(window).stroke([Point(200, 200), Point(300, 260)])
    mine = f"{os.getpid()}-*.ora"
    while not list(recovery_folder().glob(mine)):
        await asyncio.sleep(0.05)
    print("kept", flush=True)
    await asyncio.sleep(3600)


if __name__ == "__main__":
    with make_loop(make_application(["studio"])) as loop:
        loop.run_until_complete(paint(Path(sys.argv[1]) if len(sys.argv) > 1 else None))

"""A real worker process around a session without a model: it does what its arguments and its prompts say.

Arguments, as one JSON object: `load_s`, `load_error`, `die` ("start", "hello" or "load"), `noise` (bytes printed).
Prompts: words like `steps=6`, `step_s=0.01`, `die=3`, `stop=3`, `fail=2`, `gone=2`, `garbage=1`,
`endless=1`, `print=1000000`, `again=2`, `die_after=1` (variations made).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse, unusable
from muse_studio.core.request import EditRequest
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.messages import DeviceInfo, ModelInfo, Plan
from muse_studio.worker import process
from muse_studio.worker.loop import Progress

OPTIONS: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


class ScriptedSession:
    """Steps of any number and speed, and any accident on the way."""

    def __init__(self, protocol_fd: int) -> None:
        self._protocol_fd = protocol_fd

    def load(self, folder: Path, device: str, progress: Progress | None = None) -> None:
        assert progress is not None
        make_noise(OPTIONS.get("noise", 0))
        for share in (0.0, 0.5, 1.0):
            progress(share, f"{folder.name} on {device}")
            time.sleep(OPTIONS.get("load_s", 0.0) / 3)
            if OPTIONS.get("die") == "load":
                os.kill(os.getpid(), signal.SIGKILL)
        if "load_error" in OPTIONS:
            raise MuseStudioError(ErrorKind(OPTIONS["load_error"]), "The model cannot be loaded; choose another.")

    def warm_up(self) -> None:
        pass

    def model_info(self) -> ModelInfo:
        return ModelInfo("scripted", "none", Plan(4, 1.0, 1.0), Plan(2, 1.0, 1.0), (512, 256), 16, 64)

    def device_info(self) -> DeviceInfo:
        return DeviceInfo("a scripted device", "cpu", None, None)

    def look_at_lora(self, path: Path) -> LoraUse:
        if path.name == "die.safetensors":
            os.kill(os.getpid(), signal.SIGKILL)
        if not path.exists():
            raise unusable(path.name, "it was made for another model")
        return LoraUse.of_file(path)

    def run(self, request: EditRequest) -> Iterator[StepEvent | ResultEvent]:
        script = {"steps": 6, "step_s": 0.0, **dict(word.split("=") for word in request.prompt.split())}
        total = int(script["steps"])
        for index in range(total):
            time.sleep(600.0 if str(index) == script.get("endless") else float(script["step_s"]))
            self._accident(script, index)
            for variation in range(request.count):
                yield replace(a_step(index, total), variation=variation)
            if str(index) == script.get("again"):
                yield a_step(index, total)
        for variation, seed in enumerate(request.seeds):
            if str(variation) == script.get("die_after"):
                time.sleep(0.5)  # what was said is on its way by then
                os.kill(os.getpid(), signal.SIGKILL)
            picture = np.full((request.size, request.size, 3), seed % 256, np.uint8)
            yield ResultEvent(picture, None, None, 0.1, variation=variation)

    def _accident(self, script: dict[str, Any], index: int) -> None:
        make_noise(int(script.get("print", 0)))
        if str(index) == script.get("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        if str(index) == script.get("stop"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if str(index) == script.get("fail"):
            raise MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Not enough memory for 512 px; choose 256.", "the detail")
        if str(index) == script.get("gone"):
            raise MuseStudioError(ErrorKind.DEVICE, "The GPU stopped working; choose the CPU.")
        if str(index) == script.get("garbage"):
            os.write(self._protocol_fd, b"Traceback (most recent call last)")


def a_step(index: int, total: int) -> StepEvent:
    tokens, confidence = np.full((16, 16), index, np.int32), np.full((16, 16), 0.5, np.float32)
    preview = np.full((128, 128, 3), index, np.uint8)
    return StepEvent(index, total, "base", index, total, tokens, confidence, confidence > 0, preview, None)


def make_noise(amount: int) -> None:
    """About this many bytes, in every way a library may print."""
    line = b"MUSE noise \x00\x01\xff " * 64 + b"\n"
    for _ in range(amount // (3 * len(line))):
        os.write(1, line)
        print(line)
        print(line, file=sys.stderr)


def main() -> int:
    if OPTIONS.get("die") == "start":
        print("a library is missing", file=sys.stderr)
        return 3
    if OPTIONS.get("die") == "hello":
        os.kill(os.getpid(), signal.SIGKILL)
    protocol_fd = os.dup(1)
    return process.serve(lambda progress: ScriptedSession(protocol_fd))


if __name__ == "__main__":
    sys.exit(main())

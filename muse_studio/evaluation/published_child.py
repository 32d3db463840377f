"""A process that loads a published folder one way, makes a step and decodes it, and tells its time and memory.

Peaks of memory are a process's own, so each way has one to itself. `python -m … FOLDER public|ours`
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch

from muse_studio.evaluation.machine import peak_gb

PROMPT = "a fox"
STEPS = 2  # nothing grows with more


def measure(folder: Path, who: str) -> dict[str, float]:
    """load_s: seconds, without what is imported. peak_gb: of this process, all in all."""
    load_s = _public(folder) if who == "public" else _ours(folder)
    return {"load_s": load_s, "peak_gb": peak_gb(torch.device("cpu"))}


def _public(folder: Path) -> float:
    from muse_studio.evaluation.public_pipeline import load_public

    begun = time.perf_counter()
    pipeline = load_public(folder)
    load_s = time.perf_counter() - begun
    pipeline(PROMPT, num_inference_steps=STEPS, output_type="pt")
    return load_s


def _ours(folder: Path) -> float:
    from muse_studio.muse.plans import StagePlan
    from muse_studio.weights.published_folder import load_published

    begun = time.perf_counter()
    cascade = load_published(folder, "cpu", dtype=torch.float32)
    load_s = time.perf_counter() - begun
    plan = StagePlan(steps=STEPS, guidance=9.0, temperature=2.0)
    *_, last = cascade.sample([PROMPT], [""], [0], plan)
    cascade.picture(last.tokens)
    return load_s


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))

"""How threads wait is decided before torch is there, through whichever door it comes in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = """
import importlib, os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            sys.meta_path.remove(self)
sys.meta_path.insert(0, Watch())
importlib.import_module(sys.argv[1])
"""
DOORS = ("worker.session", "muse.cascade", "weights.published", "training.loop", "evaluation.reconstruction")


def policy_when_torch_comes(module: str, said: str | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if said is not None:
        environment["OMP_WAIT_POLICY"] = said
    command = [sys.executable, "-c", ASK, f"muse_studio.{module}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("module", DOORS)
def test_threads_that_wait_sleep(module: str) -> None:
    assert policy_when_torch_comes(module) == "passive"


def test_unless_a_person_says_otherwise() -> None:
    assert policy_when_torch_comes("worker.session", "active") == "active"

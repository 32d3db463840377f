"""What importing the model's package decides before torch is there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = "import os, sys, muse_studio.muse; print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"


@pytest.mark.parametrize(("said", "expected"), [(None, "passive"), ("active", "active")])
def test_threads_that_wait_sleep_unless_a_person_says_otherwise(said: str | None, expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if said is not None:
        environment["OMP_WAIT_POLICY"] = said
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [expected, "False"]

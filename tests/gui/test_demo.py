"""The demo itself, on the tiny model and its real worker; and the ruler that it measures the result with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from muse_studio.client.fake import FakeClient
from muse_studio.client.jobs import WorkerState
from muse_studio.gui.apart import VARIABLES
from muse_studio.gui.demo import dilated, drive, run_demo


def test_the_whole_path_works_with_a_real_worker(
    qapp: QApplication, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    code = run_demo(out, tiny_model, "cpu", (1200, 800))
    said = capsys.readouterr().out
    qapp.setStyleSheet("")
    assert code == 0, said
    assert "WRONG" not in said
    assert "bit-identical" in said
    names = {path.name for path in out.glob("*.png")}
    assert {"export-512.png", "landscape-full-size.png"} <= names
    assert list((out / "steps").glob("fill-*-base.png"))
    assert list((out / "steps").glob("new-*-superres.png"))
    assert "one layer with 2 variations" in said
    assert "steps are back" in said
    assert (out / "landscape.ora").is_file()


def test_every_scene_goes_right_on_a_fake_client(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    artists = {name: tmp_path / name for name in VARIABLES}
    for name, folder in artists.items():
        monkeypatch.setenv(name, str(folder))
    code = drive(qapp, FakeClient(step_s=0.02), tmp_path / "no-model", tmp_path / "demo", (1024, 700))
    qapp.setStyleSheet("")
    assert code == 0, capsys.readouterr().out
    assert not any(folder.exists() for folder in artists.values()), "the artist's own gallery and settings are left be"


def test_a_worker_that_cannot_start_fails_the_demo_with_its_reason(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = FakeClient()

    async def fail() -> None:
        client.set_status(WorkerState.FAILED, "The model is damaged.")

    client.start = fail  # type: ignore[method-assign]
    code = drive(qapp, client, tmp_path / "no-model", tmp_path / "demo", (1024, 700))
    qapp.setStyleSheet("")
    assert code == 1
    assert "WRONG The model is damaged." in capsys.readouterr().out


@pytest.mark.parametrize("radius", [0, 1, 3, 7])
def test_dilating_is_exact(radius: int) -> None:
    painted = np.zeros((30, 40), bool)
    painted[10, 12] = painted[0, 39] = painted[29, 0] = True
    rows, columns = np.indices(painted.shape)
    wanted = np.zeros_like(painted)
    for row, column in np.argwhere(painted):
        wanted |= (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    np.testing.assert_array_equal(dilated(painted, radius), wanted)

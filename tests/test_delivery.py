"""What a package is made of: the desktop's files agree with each other, and a frozen program starts itself."""

from __future__ import annotations

import ast
import configparser
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from muse_studio import __version__
from muse_studio.client import process

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
SPEC = ROOT / "muse_studio.spec"


def desktop_entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(LINUX / "muse-studio.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def test_menu_entry_and_software_page_name_the_same_types() -> None:
    page = ElementTree.parse(LINUX / "muse-studio.metainfo.xml").getroot()
    types = {element.text for element in page.iter("mediatype")}
    assert types == set(desktop_entry()["MimeType"].strip(";").split(";"))
    assert {"image/openraster", "image/png"} <= types
    assert page.findtext("launchable") == "muse-studio.desktop"
    release = page.find("releases/release")
    assert release is not None
    assert release.get("version") == __version__


def test_the_windows_are_grouped_under_the_menu_entry() -> None:
    """The application's desktop file name and window class are the entry's own name."""
    app = (ROOT / "muse_studio/gui/app.py").read_text(encoding="utf-8")
    assert 'setDesktopFileName("muse-studio")' in app
    assert desktop_entry()["StartupWMClass"] == "muse-studio"
    assert desktop_entry()["Icon"] == "muse-studio"


def test_projects_are_recognised_by_name_and_by_content() -> None:
    namespace = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ElementTree.parse(LINUX / "muse-studio.mime.xml").getroot().find(f"{namespace}mime-type")
    assert kind is not None
    assert kind.get("type") == "image/openraster"
    assert [glob.get("pattern") for glob in kind.iter(f"{namespace}glob")] == ["*.ora"]
    assert {match.get("value") for match in kind.iter(f"{namespace}match")} >= {"mimetype", "image/openraster"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux desktops")
def test_installing_puts_a_menu_entry_that_starts_what_was_installed(tmp_path: Path) -> None:
    built, prefix = tmp_path / "dist" / "muse-studio", tmp_path / "a prefix"
    icons = built / "_internal/resources/icons"
    icons.mkdir(parents=True)
    (icons / "muse-studio.svg").write_text("<svg/>")
    program = built / "muse-studio"
    program.write_text("#!/bin/sh\necho started $1\n")
    program.chmod(0o755)
    for _ in range(2):  # again over the first
        subprocess.run([LINUX / "install.sh", built, prefix], check=True, capture_output=True)
    entry = (prefix / "share/applications/muse-studio.desktop").read_text(encoding="utf-8")
    command = next(line for line in entry.splitlines() if line.startswith("Exec="))
    assert command == f'Exec="{prefix}/bin/muse-studio" %f'
    said = subprocess.run([prefix / "bin/muse-studio", "x"], check=True, capture_output=True, text=True).stdout
    assert said == "started x\n"
    assert (prefix / "share/icons/hicolor/scalable/apps/muse-studio.svg").is_file()
    assert (prefix / "share/mime/packages/muse-studio.xml").is_file()


def test_a_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert process.default_command() == [sys.executable, "worker"]


def test_nothing_that_the_window_or_the_worker_imports_is_left_out_of_the_package() -> None:
    """Every module left out by name is one that none of the packaged rooms has loaded once it is imported."""
    left_out = constant("UNUSED_MODULES")
    assert "muse_studio.training" in left_out
    code = (
        "import muse_studio.gui.app, muse_studio.gui.demo, muse_studio.gui.selfcheck, muse_studio.worker.process, "
        "muse_studio.worker.session, muse_studio.cli.main, muse_studio.weights.published_sampling, "
        "muse_studio.weights.clip, muse_studio.weights.vq, transformers.models.bert.modeling_bert, "
        "transformers.models.clip.modeling_clip, transformers.models.clip.tokenization_clip, "
        "transformers.models.t5.modeling_t5, sys; print('\\n'.join(sys.modules))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = set(run.stdout.split())
    optional = {"accelerate", "setuptools"}  # transformers takes the first and torch the second where they are there
    wanted = {name for name in left_out if name in loaded} - optional
    assert not wanted


def constant(name: str) -> list[str]:
    """The texts in a tuple of the specification."""
    for node in ast.parse(SPEC.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            assert isinstance(node.value, ast.Tuple)
            return [element.value for element in node.value.elts if isinstance(element, ast.Constant)]
    raise AssertionError(f"{name} is not there")

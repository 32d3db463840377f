"""Avatars are described by what they wear and by nothing else."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.errors import MuseStudioError
from muse_studio.training.data import avatars
from muse_studio.training.data.avatar_words import avatar_caption, looks, plan_avatar
from muse_studio.training.data.avatars import Avatars, build_avatars
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import Mix
from muse_studio.training.data.packages import PACKAGES

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="#e01010"/></svg>'

LOOKS = {look.style: look for look in looks()}
STYLES = sorted(LOOKS)


@settings(deadline=None)
@given(st.sampled_from(STYLES), st.integers(0, 2**32))
def test_every_phrase_is_true_of_the_options(style: str, seed: int) -> None:
    look = LOOKS[style]
    plan = plan_avatar(np.random.default_rng(seed), look)
    allowed = set()
    colours = {option: look.colours[option][plan.options[option][0]] for option in look.colours}
    for part in look.parts:
        if plan.options[f"{part.option}Probability"]:
            allowed.add(part.values[plan.options[part.option][0]].format(**colours))
    allowed |= {words.format(**colours) for words in look.always}
    bare = {re.sub(r"^an? ", "", words) for words in allowed}
    assert {re.sub(r"^an? ", "", phrase) for phrase in plan.phrases} <= bare


@settings(deadline=None)
@given(st.sampled_from(STYLES), st.integers(0, 2**32))
def test_captions_are_tidy_and_say_nothing_else(style: str, seed: int) -> None:
    look = LOOKS[style]
    rng = np.random.default_rng(seed)
    plan = plan_avatar(rng, look)
    caption = avatar_caption(rng, plan.noun, plan.whole, plan.skin, plan.phrases)
    assert caption == " ".join(caption.split())
    assert "{" not in caption
    assert not re.search(r"\ba [aeio]|\ban [^aeiou]", caption)
    rest = caption.partition(" with ")[2]
    for phrase in sorted((*plan.phrases, plan.skin), key=len, reverse=True):
        rest = rest.replace(phrase, "", 1) if phrase else rest
    assert not rest.replace(", ", "").replace("and", "").strip()


def test_every_style_has_its_package() -> None:
    assert {f"dicebear-{look.style}" for look in looks()} | {"dicebear-core"} == {
        key for key in PACKAGES if key.startswith("dicebear-")
    }


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, Path]:
    """A package that tries to write outside its folder."""
    path = tmp_path / "core.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("package/lib/core.js", "package/../../../escaped.js", "/escaped.js", "package/readme.md"):
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"1"))
    return {"dicebear-core": path}


def test_packages_are_put_where_they_belong_only(tmp_path: Path, archives: dict[str, Path]) -> None:
    scratch = tmp_path / "a" / "b" / "scratch"
    scratch.mkdir(parents=True)
    avatars._install(archives, scratch)
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.js"))
    assert written == ["a/b/scratch/node_modules/@dicebear/core/lib/core.js"]


def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Avatars:
    """Twelve avatars that are all red discs."""
    monkeypatch.setattr(avatars, "AVATARS", 12)
    monkeypatch.setattr(avatars, "_draw", lambda plans, archives: [SVG] * len(plans))
    build_avatars({}, tmp_path, lambda share, what: None)
    return Avatars(tmp_path)


def test_avatars_are_composed_with_their_captions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawings: DrawingSet, landscapes: Landscapes
) -> None:
    portraits = built(tmp_path, monkeypatch)
    composer = Composer(drawings, landscapes, Mix(0.0, on_landscape=0.0, landscape=0.0, avatar=1.0), portraits)
    for n in range(30):
        for size in (256, 512):
            example = composer.sample(np.random.default_rng(n), size)
            assert example.rgb.shape == (size, size, 3)
            assert tuple(example.rgb[size // 2, size // 2]) == (0xE0, 0x10, 0x10)
            assert example.labels["kind"] == "avatar"
            assert example.caption.startswith(("a ", "an "))


def test_the_same_avatars_are_planned_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = (built(tmp_path / name, monkeypatch) for name in ("first", "again"))
    assert first.entries == again.entries
    assert len(first.entries) == 12


def test_a_folder_without_avatars_has_none(tmp_path: Path) -> None:
    assert Avatars(tmp_path).entries == ()


def test_a_missing_node_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archives: dict[str, Path]) -> None:
    monkeypatch.setattr(avatars.shutil, "which", lambda name: None)
    with pytest.raises(MuseStudioError, match=r"Node\.js"):
        build_avatars(archives, tmp_path, lambda share, what: None)


def test_avatars_that_cannot_be_drawn_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archives: dict[str, Path]
) -> None:
    monkeypatch.setattr(avatars.shutil, "which", lambda name: "node")
    failed = subprocess.CompletedProcess([], 1, "", "SyntaxError")
    monkeypatch.setattr(avatars.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(MuseStudioError, match="could not be drawn") as caught:
        build_avatars(archives, tmp_path, lambda share, what: None)
    assert "SyntaxError" in caught.value.detail
    assert Avatars(tmp_path).entries == ()

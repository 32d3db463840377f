"""LoRAs travel with each request: put on before it, exchanged or taken off for the next, and never half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.core.tokens import TokenState
from muse_studio.muse.lodging import Home
from muse_studio.weights import chosen_loras
from muse_studio.weights.lora import Loras
from muse_studio.weights.opening import wardrobe_of
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from muse_studio.worker.session import Session
from tests.weights.published_folders import store_meissonic, stored
from tests.worker.test_published_session import run

NETWORK = "transformer.transformer_layers.0.attn1.to_q"
SPOKEN = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
PLAIN = EditRequest(Mode.GENERATE, "a fox", seed=3, size=256, base=StagePlan(steps=3, guidance=3.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("amused"), "amused 512")


@pytest.fixture
def session(folder: Path) -> Session:
    session = Session()
    session.load(folder, "cpu", dtype="float32")
    return session


def store(path: Path, seed: int, *layers: str, size: int = 64) -> Path:
    noise = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in layers or (NETWORK, SPOKEN):
        width = 32 if layer is SPOKEN else size
        tensors[f"{layer}.lora_A.weight"] = torch.randn(4, width, generator=noise)
        tensors[f"{layer}.lora_B.weight"] = torch.randn(width, 4, generator=noise)
    save_file(tensors, path)
    return path


@pytest.fixture
def ink(tmp_path: Path) -> LoraUse:
    return LoraUse.of_file(store(tmp_path / "ink.safetensors", 3))


@pytest.fixture
def oil(tmp_path: Path) -> LoraUse:
    return LoraUse.of_file(store(tmp_path / "oil.safetensors", 4, NETWORK), 0.5)


def tokens(session: Session, *loras: LoraUse) -> NDArray[np.int32]:
    found = run(session, replace(PLAIN, loras=loras))[1][0].base_tokens
    assert found is not None
    return found


def weights(session: Session) -> dict[str, Tensor]:
    cascade = session.cascade
    assert isinstance(cascade, PublishedCascade)
    parts = {"network": cascade.network, "text": cascade.text.model}
    return {
        f"{name}.{key}": tensor.clone()
        for name, part in parts.items()
        for key, tensor in part.state_dict().items()  # type: ignore[attr-defined]
    }


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(tensor.equal(other[key]) for key, tensor in one.items())


def test_each_request_is_made_with_its_own_and_the_next_with_its_own(
    session: Session, ink: LoraUse, oil: LoraUse, folder: Path
) -> None:
    plain, before = tokens(session), weights(session)
    with_ink, both = tokens(session, ink), tokens(session, ink, oil)
    stronger = tokens(session, replace(ink, strength=2.0))
    made = [plain, with_ink, both, stronger]
    assert all((one != other).any() for number, one in enumerate(made) for other in made[:number])
    for loras, expected in (((), plain), ((ink, oil), both), ((ink,), with_ink), ((), plain)):
        np.testing.assert_array_equal(tokens(session, *loras), expected)
    assert equal(weights(session), before), "nothing is left of them"
    other = Session()
    other.load(folder, "cpu", dtype="float32", loras=[ink, oil])
    np.testing.assert_array_equal(tokens(other, ink, oil), both)
    np.testing.assert_array_equal(tokens(other), plain)


def test_what_is_on_already_costs_nothing(
    session: Session, ink: LoraUse, oil: LoraUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_ink = tokens(session, ink)
    calls: list[str] = []
    put, read, digest = Loras.put, chosen_loras.read_lora, chosen_loras.file_sha256
    monkeypatch.setattr(Loras, "put", lambda *a: calls.append("put") or put(*a))
    monkeypatch.setattr(chosen_loras, "read_lora", lambda *a: calls.append("read") or read(*a))
    monkeypatch.setattr(chosen_loras, "file_sha256", lambda *a: calls.append("hash") or digest(*a))
    np.testing.assert_array_equal(tokens(session, ink), with_ink)
    assert calls == []
    tokens(session, replace(ink, strength=0.5))
    assert calls == ["put", "put"], "another strength reads no file again"
    tokens(session, ink, oil)
    assert calls[2:4] == ["hash", "read"]
    assert "read" not in calls[4:]


def test_a_step_shown_again_leaves_them_on(session: Session, ink: LoraUse, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tokens(session, ink)
    monkeypatch.setattr(Loras, "put", None)
    again = EditRequest(Mode.CONTINUE, "", size=256, tokens=TokenState.whole(made, None))
    np.testing.assert_array_equal(run(session, again)[1][0].base_tokens, made)
    np.testing.assert_array_equal(tokens(session, ink), made)


def test_a_file_that_is_on_may_be_gone(session: Session, ink: LoraUse) -> None:
    with_ink = tokens(session, ink)
    Path(ink.path).unlink()
    np.testing.assert_array_equal(tokens(session, ink), with_ink)
    tokens(session)
    with pytest.raises(MuseStudioError, match=r"ink.*cannot be used"):
        tokens(session, ink)


@pytest.mark.parametrize("how", ["changed", "unknown", "too large", "no LoRA", "too strong"])
def test_what_cannot_be_used_is_told_and_leaves_weights_and_session_whole(
    session: Session, ink: LoraUse, oil: LoraUse, tmp_path: Path, how: str
) -> None:
    with_ink, before = tokens(session, ink), weights(session)
    bad, told = oil, ""
    if how == "changed":
        store(Path(oil.path), 9, NETWORK)
        told = "has changed since it was added"
    elif how == "unknown":
        bad, told = replace(oil, path=""), "is not known on this computer"
    elif how == "too large":
        bad, told = LoraUse.of_file(store(tmp_path / "large.safetensors", 1, NETWORK, size=65)), "for another model"
    elif how == "no LoRA":
        (tmp_path / "none.safetensors").write_bytes(b"nothing")
        bad, told = LoraUse.of_file(tmp_path / "none.safetensors"), "too short"
    else:
        huge = {f"{SPOKEN}.lora_{side}.weight": torch.full((32, 32), 1e30) for side in "AB"}
        save_file(huge, tmp_path / "huge.safetensors")
        bad, told = LoraUse.of_file(tmp_path / "huge.safetensors"), "too large"
    with pytest.raises(MuseStudioError, match="Choose another, or none") as caught:
        tokens(session, replace(ink, strength=0.1), bad)
    assert caught.value.kind is ErrorKind.BAD_MODEL
    assert told in caught.value.message
    assert equal(weights(session), before)
    np.testing.assert_array_equal(tokens(session, ink), with_ink)


def test_a_file_is_looked_at_without_being_put_on(session: Session, ink: LoraUse, tmp_path: Path) -> None:
    before = weights(session)
    looked = session.look_at_lora(Path(ink.path))
    assert (looked, looked.path) == (ink, ink.path)
    with pytest.raises(MuseStudioError, match="made for another model"):
        session.look_at_lora(store(tmp_path / "large.safetensors", 1, NETWORK, size=65))
    with pytest.raises(MuseStudioError, match="no layer of this model"):
        session.look_at_lora(store(tmp_path / "strange.safetensors", 1, "transformer.layers.3.to_q"))
    with pytest.raises(MuseStudioError, match=r"notes.*no safetensors file"):
        (tmp_path / "notes.txt").write_text("x")
        session.look_at_lora(tmp_path / "notes.txt")
    assert equal(weights(session), before)


@pytest.mark.parametrize("home", ["device", "visit", "cpu", "dropped"])
def test_a_text_encoder_is_dressed_wherever_it_lives(folder: Path, ink: LoraUse, oil: LoraUse, home: Home) -> None:
    cascade = load_published(folder, dtype=torch.float32, text_home=home)

    def spoken() -> Tensor:
        return cascade.text.encode(["a fox"]).pooled

    plain = spoken()
    cascade.wear([ink])
    with_ink = spoken()
    assert not with_ink.equal(plain)
    assert spoken().equal(with_ink), "also when it is loaded again"
    cascade.wear([oil])
    assert spoken().equal(plain), "that one changes no text"
    cascade.wear([ink, oil])
    assert spoken().equal(with_ink)
    cascade.wear([])
    assert spoken().equal(plain)


def test_a_prompt_is_read_anew_by_a_changed_text_encoder(session: Session, tmp_path: Path) -> None:
    words = LoraUse.of_file(store(tmp_path / "words.safetensors", 5, SPOKEN), 4.0)
    assert (tokens(session) != tokens(session, words)).any()


def test_a_model_says_whether_it_takes_any(
    session: Session, folder: Path, tiny_model: Path, tmp_path: Path, ink: LoraUse
) -> None:
    assert session.model_info().loras == "taken"
    meissonic = Session()
    meissonic.load(store_meissonic(tmp_path, halved=True), "cpu", dtype="float32")
    assert meissonic.model_info().loras == "taken"
    with pytest.raises(MuseStudioError, match="made for another model"):
        meissonic.look_at_lora(Path(ink.path))
    own = Session()
    own.load(tiny_model, "cpu", dtype="float32")
    assert own.model_info().loras == "none"
    for ask in (lambda: run(own, replace(PLAIN, loras=(ink,))), lambda: own.look_at_lora(Path(ink.path))):
        with pytest.raises(MuseStudioError, match="change published cascades"):
            ask()
    run(own, PLAIN)


def test_in_int8_they_are_put_on_first_and_stay(folder: Path, ink: LoraUse, oil: LoraUse) -> None:
    plain, dressed = Session(), Session()
    plain.load(folder, "cpu", dtype="int8")
    dressed.load(folder, "cpu", dtype="int8", loras=[ink])
    assert dressed.model_info().loras == "fixed"
    dressed.warm_up()
    assert (tokens(dressed, ink) != tokens(plain)).any()
    for loras in ((), (ink, oil)):
        with pytest.raises(MuseStudioError, match="int8"):
            tokens(dressed, *loras)
    wardrobe = wardrobe_of(dressed.cascade)
    assert wardrobe is not None
    assert wardrobe.worn == (ink,)


@pytest.fixture(autouse=True)
def no_grad_is_left_on() -> Iterator[None]:
    yield
    assert torch.is_grad_enabled()

"""Steps that are recorded and replayed: the same tokens, inputs that are all copied, and a way on where it fails.

No GPU is needed: a recording is played by a stand-in that reads and writes the very arrays that a CUDA graph would.
What may be recorded at all is proved without numbers: a step runs on tensors that have none, and compiles as one graph.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import DynamicOutputShapeException, FakeTensorMode

from muse_studio.core.geometry import Extent
from muse_studio.muse.plans import EditPlan, StagePlan, TokenGrids
from muse_studio.weights import graphs
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.graphs import SHAPES, Body, Nested, Replayed, leaves, wanted_on
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from tests.weights.published_folders import FAMILIES, stored

PLAN = StagePlan(steps=5, guidance=3.0, temperature=2.0)
SIZES = (Extent(96, 64), Extent(64, 64))


@pytest.fixture(scope="module", params=FAMILIES)
def cascade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PublishedCascade:
    return load_published(stored(tmp_path_factory.mktemp("published"), request.param), dtype=torch.float32)


@pytest.fixture(autouse=True)
def as_it_came(cascade: PublishedCascade) -> Any:
    yield
    cascade.network.replayed, cascade.guidance.way = None, "batch"


def pretend(body: Body, tokens: Tensor, told: Nested) -> tuple[Tensor, Callable[[], None]]:
    """What a graph does: each replay reads the inputs where they are, and overwrites one output."""
    output = body(tokens, told).clone().zero_()

    def replay() -> None:
        output.copy_(body(tokens, told))

    return output, replay


def found(cascade: PublishedCascade) -> list[Tensor]:
    """Tokens and confidences of decodes with two prompts and sizes in turn, of an edit and of a doubt."""
    given = TokenGrids(torch.full((1, 4, 6), 7))
    with torch.inference_mode():
        steps = [
            step
            for prompt, extent in zip(("a fox", "12 foxes", "a fox"), (*SIZES, SIZES[0]), strict=True)
            for step in cascade.sample([prompt], ["a box"], [3], PLAN, extent=extent)
        ]
        steps += cascade.edit(["a fox"], [""], [4], given, EditPlan(iterations=3))
        sure = cascade.confidence("a fox", given.base)
    return [*(part for step in steps for part in (step.tokens, step.confidence)), sure]


@pytest.mark.parametrize("way", ["batch", "sequential"])
def test_what_is_replayed_has_the_tokens_of_what_is_computed(cascade: PublishedCascade, way: Any) -> None:
    cascade.guidance.way = way
    expected = found(cascade)
    recorded: list[int] = []

    def record(body: Body, tokens: Tensor, told: Nested) -> tuple[Tensor, Callable[[], None]]:
        recorded.append(len(tokens))
        return pretend(body, tokens, told)

    cascade.network.replayed = Replayed(cascade.network.states, record)
    for one, other in zip(expected, found(cascade), strict=True):
        assert one.equal(other)
    assert 2 <= len(recorded) <= 3, "once for each shape, and not for each step"


def test_an_output_that_is_kept_too_long_would_be_seen(cascade: PublishedCascade) -> None:
    replayed = Replayed(cascade.network.states, pretend)
    tokens, told = torch.zeros(2, 4, 4, dtype=torch.int64), inputs(cascade)
    first = replayed(tokens, told)
    kept = first.clone()
    assert replayed(tokens + 1, told) is first
    assert not first.equal(kept)


def inputs(cascade: PublishedCascade) -> Nested:
    """What two prompts make for 64 x 64 px, as nested tuples of tensors."""
    seen: list[Nested] = []
    network, grid = cascade.network, (4, 4)

    def listening(tokens: Tensor, told: Nested) -> Tensor:
        seen.append(told)
        return network.states(tokens, told)

    texts = cascade.text.encode(["a fox", "12 foxes"])
    tokens = torch.zeros(2, *grid, dtype=torch.int64)
    network.replayed = listening
    with torch.no_grad():
        prepared = network.prepare(texts.states, texts.pooled, MicroConditions(SIZES[1]).tensor(2), grid)
        network.logits(tokens, prepared, [3, 3], tokens == 0)
    network.replayed = None
    return seen[0]


def test_a_step_looks_at_no_number(cascade: PublishedCascade) -> None:
    """On tensors without any, it runs; picking out the wanted tokens, which is not recorded, does not."""
    told, tokens = inputs(cascade), torch.zeros(2, 4, 4, dtype=torch.int64)
    with FakeTensorMode(allow_non_fake_inputs=True) as fake, torch.no_grad():
        faked = [fake.from_tensor(leaf.clone()) for leaf in (tokens, *leaves(told))]
        states = cascade.network.states(faked[0], graphs.rebuilt(told, iter(faked[1:])))
        assert states.shape[:3] == (2, 4, 4)
        with pytest.raises(DynamicOutputShapeException):
            states[faked[0] == 0]


def test_a_step_is_one_graph_without_a_break(cascade: PublishedCascade) -> None:
    told, tokens = inputs(cascade), torch.ones(2, 4, 4, dtype=torch.int64)
    torch._dynamo.reset()
    compiled = torch.compile(cascade.network.states, backend="eager", fullgraph=True, dynamic=False)
    with torch.no_grad():
        assert compiled(tokens, told).equal(cascade.network.states(tokens, told))
    torch._dynamo.reset()


def test_where_recording_fails_pictures_are_made_all_the_same_and_it_is_told_once(
    cascade: PublishedCascade, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(body: Body, tokens: Tensor, told: Nested) -> Any:
        raise RuntimeError("operation not permitted when stream is capturing")

    expected = found(cascade)
    cascade.network.replayed = Replayed(cascade.network.states, fails)
    with caplog.at_level(logging.WARNING, graphs.__name__):
        for one, other in zip(expected, found(cascade), strict=True):
            assert one.equal(other)
    assert len(caplog.records) == 1
    assert "MUSE_STUDIO_GRAPHS=off" in caplog.text
    assert "not permitted" in caplog.text


def test_where_memory_runs_out_other_shapes_are_recorded(cascade: PublishedCascade) -> None:
    def full(body: Body, tokens: Tensor, told: Nested) -> Any:
        if len(tokens) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return pretend(body, tokens, told)

    replayed = Replayed(cascade.network.states, full)
    cascade.network.replayed, cascade.guidance.way = replayed, "batch"
    expected = found(cascade)
    assert not replayed.failed
    cascade.guidance.way = "sequential"
    for one, other in zip(expected, found(cascade), strict=True):
        assert one.float().allclose(other.float(), atol=1e-5)
    assert any(recording is not None for recording in replayed._recordings.values())


def test_no_more_than_a_few_shapes_are_remembered(cascade: PublishedCascade) -> None:
    replayed = Replayed(lambda tokens, told: tokens + told[0], pretend)
    for side in range(1, SHAPES + 3):
        ones = torch.ones(1, side, side)
        assert replayed(ones, (ones,)).equal(ones + 1)
    assert len(replayed._recordings) == SHAPES


def test_steps_are_recorded_on_a_gpu_unless_that_is_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cascade: PublishedCascade
) -> None:
    monkeypatch.delenv(graphs.VARIABLE, raising=False)
    assert wanted_on(torch.device("cuda", 1))
    assert not any(wanted_on(torch.device(kind)) for kind in ("cpu", "mps"))
    assert cascade.network.replayed is None
    monkeypatch.setenv(graphs.VARIABLE, "off")
    assert not wanted_on(torch.device("cuda"))


def test_the_recorder_warms_up_aside_and_then_records_once(
    cascade: PublishedCascade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the calls that it makes of torch.cuda, in their order: no GPU is here."""
    calls: list[str] = []

    class Stream:
        def wait_stream(self, other: object) -> None:
            calls.append("wait")

    @contextmanager
    def within(name: str) -> Iterator[None]:
        calls.append(name)
        yield
        calls.append(f"end of {name}")

    graph = SimpleNamespace(replay=lambda: calls.append("replay"))
    stand_ins = {
        "Stream": Stream, "current_stream": Stream, "stream": lambda aside: within("aside"),
        "device": lambda device: within("device"), "CUDAGraph": lambda: graph, "graph_pool_handle": lambda: (0, 1),
        "graph": lambda made, **how: within(f"graph in {how['pool']}"),
    }  # fmt: skip
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)

    def body(tokens: Tensor, told: Nested) -> Tensor:
        calls.append("body")
        return tokens + told[0]

    output, replay = graphs.CudaRecorder()(body, torch.ones(2), (torch.ones(2),))
    replay()
    assert output.tolist() == [2, 2]
    aside = ["wait", "aside", *["body"] * graphs.WARM_UPS, "end of aside", "wait"]
    assert calls == ["device", *aside, "graph in (0, 1)", "body", "end of graph in (0, 1)", "end of device", "replay"]

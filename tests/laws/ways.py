"""Every way in which the program makes pictures, as a table: how a request of it is drawn, and what it must leave alone.

A mode that is added to the program must be added here: test_ways.py fails until it is. Knows no window and no process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray

from muse_studio.core.brush import Brush
from muse_studio.core.composite import apply_result, frame_mask, frame_picture
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.outpaint import Margins, with_room
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.corpus import pictures as corpus

Pixels = NDArray[np.uint8]
Places = NDArray[np.bool_]
Stroke = tuple[float, tuple[tuple[float, float], ...]]
"""Diameter in px, and a path in shares of the document's sides."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an artist may have before them and ask, whichever the way.

    extent:  of the picture, width and height in px. frame: x, y and side of the square that the model sees.
    strokes: of the brush. room: pixels to add at the left, top, right and bottom, for outpainting.
    """

    extent: tuple[int, int]
    frame: tuple[int, int, int]
    strokes: tuple[Stroke, ...]
    room: tuple[int, int, int, int]
    prompt: str
    seed: int
    size: int
    base: StagePlan
    superres: StagePlan

    def document(self) -> Document:
        """The picture with its mask painted, and the frame in its place."""
        document = Document(corpus.noise(*self.extent, seed=self.seed % 1000))
        document.set_frame(Rect(self.frame[0], self.frame[1], self.frame[2], self.frame[2]))
        for size_px, path in self.strokes:
            document.begin_stroke(Brush(size_px))
            for across, down in path:
                document.stroke_to(Point(across * self.extent[0], down * self.extent[1]))
            document.end_stroke()
        return document

    def request(self, mode: Mode, picture: Pixels | None = None, mask: Pixels | None = None) -> EditRequest:
        return EditRequest(
            mode, self.prompt, seed=self.seed, size=self.size, base=self.base, superres=self.superres,
            picture=picture, mask=mask,
        )  # fmt: skip


shares = st.floats(0, 0.9999)
strokes = st.tuples(st.floats(1, 120), st.lists(st.tuples(shares, shares), min_size=1, max_size=3).map(tuple))
sides = st.one_of(st.integers(1, 40), st.integers(41, 700))
extents = st.one_of(st.tuples(sides, sides), st.tuples(st.just(1), sides), st.tuples(sides, st.just(1)))
rooms = st.tuples(*[st.integers(0, 90)] * 3, st.integers(1, 90))
wishes = st.builds(
    Wish,
    extent=extents,
    frame=st.tuples(st.integers(-50, 500), st.integers(-50, 500), st.integers(64, 700)),
    strokes=st.lists(strokes, min_size=1, max_size=3).map(tuple),
    room=rooms,
    prompt=st.sampled_from(["", "a fox", "an owl on a teal background"]),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([256, 256, 512]),
    base=st.builds(StagePlan, st.integers(1, 5), st.sampled_from([0.0, 3.0]), st.floats(0, 5)),
    superres=st.builds(StagePlan, st.integers(1, 2), st.just(0.0), st.floats(0, 5)),
)

A_WISH = Wish(
    (640, 530), (30, 10, 512), ((70.0, ((0.3, 0.3), (0.6, 0.5))),), (0, 0, 90, 40), "a fox", 7, 512, StagePlan(4),
    StagePlan(2, 0.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """mode:    of its requests.
    start:   the document that a wish begins with: the picture itself, or one with room around it.
    request: of that document.
    leaves:  AssertionError where the steps, or the result's tokens, touch what this way must leave alone (law 2).
    mask:    uint8 [512, 512], what the result may replace in the frame (law 1); None where there is no picture yet.
    """

    mode: Mode
    start: Callable[[Wish], Document]
    request: Callable[[Wish, Document], EditRequest]
    leaves: Callable[[Session, EditRequest, Sequence[StepEvent], ResultEvent], None]
    mask: Callable[[EditRequest, ResultEvent], Pixels | None]


# What a way leaves alone


def own_tokens(session: Session, request: EditRequest) -> dict[str, NDArray[Any]]:
    """Both grids' tokens of the request's picture."""
    assert request.picture is not None
    unit = torch.from_numpy(request.picture.copy()).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        grids = session.cascade.tokenize(unit)
    assert grids.superres is not None
    return {"base": grids.base[0].numpy(), "superres": grids.superres[0].numpy()}


def touched_cells(mask: Pixels, grid: int) -> Places:
    """bool [grid, grid]: whether any painted pixel of uint8 [512, 512] lies in the cell."""
    cell = 512 // grid
    return (mask > 0).reshape(grid, cell, grid, cell).any(axis=(1, 3))


def tokens_under_no_paint(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """At every step of both stages they are those of the picture, and certain."""
    assert request.mask is not None
    own = own_tokens(session, request)
    for step in steps:
        known = ~touched_cells(request.mask, step.tokens.shape[0])
        np.testing.assert_array_equal(step.tokens[known], own[step.stage][known])
        assert (step.confidence[known] == 1).all()


def all_but_eight_percent(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """An iteration changes at most 20 tokens; super-resolution those under base tokens that ended as others."""
    own = own_tokens(session, request)
    iterations = [own["base"], *(step.tokens for step in steps if step.stage == "base")]
    for before, after in pairwise(iterations):
        assert (before != after).sum() <= 20
    same = (iterations[-1] == own["base"]).repeat(4, 0).repeat(4, 1)
    for step in steps:
        if step.stage == "superres":
            np.testing.assert_array_equal(step.tokens[same], own["superres"][same])
    assert result.edited is not None
    cell = len(result.edited) // 16
    np.testing.assert_array_equal(result.edited[::cell, ::cell] == 0, iterations[-1] == own["base"])


def nothing(session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent) -> None:
    """There was no picture."""
    assert request.picture is None


# The table


def whole_square(wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.GENERATE)


def under_the_brush(wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.INPAINT, frame_picture(document), frame_mask(document))


def by_prompt_alone(wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.EDIT, frame_picture(document))


def roomy(wish: Wish) -> Document:
    """The picture with room around it, masked, and the frame about its lower right corner."""
    pixels, mask = with_room(Document(corpus.noise(*wish.extent, seed=1)).picture.copy(), Margins(*wish.room))
    document = Document(pixels)
    document.set_mask(mask)
    document.set_frame(Rect(document.extent.width - 512, document.extent.height - 512, 512, 512))
    return document


WAYS: dict[str, Way] = {
    "generate": Way(Mode.GENERATE, Wish.document, whole_square, nothing, lambda request, result: None),
    "inpaint": Way(
        Mode.INPAINT, Wish.document, under_the_brush, tokens_under_no_paint, lambda request, result: request.mask
    ),
    "outpaint": Way(Mode.INPAINT, roomy, under_the_brush, tokens_under_no_paint, lambda request, result: request.mask),
    "edit": Way(
        Mode.EDIT, Wish.document, by_prompt_alone, all_but_eight_percent, lambda request, result: result.edited
    ),
}


def run(session: Session, request: EditRequest) -> tuple[list[StepEvent], ResultEvent]:
    """Every step, and the one result at the end."""
    *steps, result = session.run(request)
    assert all(isinstance(step, StepEvent) for step in steps)
    assert isinstance(result, ResultEvent), "a job has one result, and it is the last"
    return [step for step in steps if isinstance(step, StepEvent)], result


def paste(document: Document, way: Way, request: EditRequest, result: ResultEvent) -> Rect:
    """The result into the document, as the program does it; what changed."""
    mask = way.mask(request, result)
    return Rect.empty() if mask is None else apply_result(document, document.frame, mask, result.picture)


def tokens_of(steps: Sequence[StepEvent], result: ResultEvent) -> list[NDArray[Any]]:
    """Everything of a run that equal requests must give again, pixels included."""
    given = [array for step in steps for array in (step.tokens, step.confidence)]
    rest = (result.base_tokens, result.superres_tokens, result.edited, result.picture)
    return [*given, *(array for array in rest if array is not None)]

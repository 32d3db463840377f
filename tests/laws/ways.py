"""Every way in which the program makes pictures, as a table: how it is asked for, and what it must leave alone.

A mode that is added to the program must be added here: test_ways.py fails until it is. Knows no window and no process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from muse_studio.core.brush import Brush
from muse_studio.core.composite import apply_result, frame_mask, frame_picture
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.outpaint import Margins, with_room
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan
from muse_studio.core.tokens import TokenGrid, TokenState
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

    def request(self, mode: Mode, **material: Any) -> EditRequest:
        """A request of this mode; `material` is its picture, mask or tokens."""
        size = 512 if mode is Mode.RETEXTURE else self.size
        plans = {"base": self.base, "superres": self.superres}
        return EditRequest(mode, self.prompt, seed=self.seed, size=size, **plans, **material)


shares = st.floats(0, 0.9999)
strokes = st.tuples(st.floats(1, 120), st.lists(st.tuples(shares, shares), min_size=1, max_size=3).map(tuple))
sides = st.one_of(st.integers(1, 40), st.integers(41, 700))
extents = st.one_of(st.tuples(sides, sides), st.tuples(st.just(1), sides), st.tuples(sides, st.just(1)))
rooms = st.tuples(*[st.integers(0, 90)] * 3, st.integers(1, 90))
wishes = st.builds(
    Wish,
    extent=extents,
    frame=st.just((0, 0, 700)) | st.tuples(st.integers(-50, 500), st.integers(-50, 500), st.integers(64, 700)),
    strokes=st.lists(strokes, min_size=1, max_size=3).map(tuple),
    room=rooms,
    prompt=st.sampled_from(["", "a fox", "an owl on a teal background"]),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([256, 256, 512]),
    base=st.builds(StagePlan, st.integers(1, 5), st.sampled_from([0.0, 3.0]), st.floats(0, 5)),
    superres=st.builds(StagePlan, st.integers(1, 2), st.just(0.0), st.floats(0, 5)),
)

A_WISH = Wish(
    (640, 530), (30, 10, 512), ((70.0, ((0.3, 0.3), (0.6, 0.5))),), (0, 0, 90, 40), "a fox", 6, 256, StagePlan(4),
    StagePlan(2, 0.0),
)  # fmt: skip

LARGE_WISH = replace(A_WISH, size=512)

few = settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""For laws that run a whole model: few examples for each way, and none is shrunk, which would take minutes."""


@dataclass(frozen=True, slots=True)
class Way:
    """mode:    of its requests.
    start:   the document that a wish begins with: the picture itself, or one with room around it.
    request: of that document.
    leaves:  AssertionError where the steps, or the result's tokens, touch what this way must leave alone (law 2).
    mask:    uint8 [S, S], what the result may replace in the frame (law 1); None where there is no picture yet.
    masked:  whether the artist's mask bounds it; an empty one then changes nothing.
    """

    mode: Mode
    start: Callable[[Wish], Document]
    request: Callable[[Session, Wish, Document], EditRequest]
    leaves: Callable[[Session, EditRequest, Sequence[StepEvent], ResultEvent], None]
    mask: Callable[[EditRequest, ResultEvent], Pixels | None]
    masked: bool = False


# What a way leaves alone


def own_tokens(session: Session, request: EditRequest) -> dict[str, NDArray[Any]]:
    """Tokens of the request's picture, of every grid that the cascade has."""
    assert request.picture is not None
    unit = torch.from_numpy(request.picture.copy()).permute(2, 0, 1)[None].float() / 255
    two_stages = session.cascade.traits.superres is not None
    with torch.inference_mode():
        grids = session.cascade.tokenize(unit, None if two_stages else request.size)
    assert (grids.superres is not None) == two_stages
    found = {"base": grids.base[0].numpy()}
    return found if grids.superres is None else {**found, "superres": grids.superres[0].numpy()}


def touched_cells(mask: Pixels, grid: int) -> Places:
    """bool [grid, grid]: whether any painted pixel of uint8 [512, 512] lies in the cell."""
    cell = 512 // grid
    return (mask > 0).reshape(grid, cell, grid, cell).any(axis=(1, 3))


def under_paint(request: EditRequest, grid: int) -> Places:
    """The cells that the request's mask touches; without a mask, all of them."""
    return np.ones((grid, grid), np.bool_) if request.mask is None else touched_cells(request.mask, grid)


def finer(places: Places) -> Places:
    """[16, 16] to [64, 64]."""
    return places.repeat(4, 0).repeat(4, 1)


def nothing(session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent) -> None:
    """There was no picture."""
    assert request.picture is None


def tokens_under_no_paint(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """At every step of both stages they are those of the picture, and certain; all others are made anew."""
    own = own_tokens(session, request)
    for step in steps:
        free = under_paint(request, len(step.tokens))
        np.testing.assert_array_equal(step.tokens[~free], own[step.stage][~free])
        assert (step.confidence[~free] == 1).all()
        assert (step.confidence[free] < 1).all()


def tokens_that_strength_spares(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """As above; and of the base tokens under the paint only the share that strength says is made anew."""
    own = own_tokens(session, request)
    free = under_paint(request, len(own["base"]))
    anew = [step.confidence < 1 for step in steps if step.stage == "base"]
    assert anew[0].sum() == max(1, round(request.strength * int(free.sum())))
    assert free[anew[0]].all()
    for step, places in zip(steps, anew, strict=False):
        np.testing.assert_array_equal(places, anew[0])
        np.testing.assert_array_equal(step.tokens[~places], own["base"][~places])
    tokens_under_no_paint(session, request, [step for step in steps if step.stage == "superres"], result)


def all_but_eight_percent(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """An iteration changes at most 8 %, 20 of 256 tokens; super-resolution those under base tokens that ended as
    others."""
    own = own_tokens(session, request)
    most = math.floor(0.08 * own["base"].size)
    begun = own["base"] if request.reached is None else request.reached.tokens
    iterations = [begun, *(step.tokens for step in steps if step.stage == "base")]
    for before, after in pairwise(iterations):
        assert (before != after).sum() <= most
    same = iterations[-1] == own["base"]
    for step in steps:
        if step.stage == "superres":
            np.testing.assert_array_equal(step.tokens[finer(same)], own["superres"][finer(same)])
    assert result.edited is not None
    np.testing.assert_array_equal(touched_cells(in_full(result.edited), len(same)), ~same)


def what_was_decided(session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent) -> None:
    """The tokens of the step continued from, at every later step; and, under a mask, the picture's outside it."""
    assert request.tokens is not None
    own = None if request.picture is None else own_tokens(session, request)
    for step in steps:
        free = under_paint(request, len(step.tokens))
        if own is not None:
            np.testing.assert_array_equal(step.tokens[~free], own[step.stage][~free])
        grid = request.tokens.base if step.stage == "base" else request.tokens.superres
        if grid is not None:
            decided = grid.decided & free
            np.testing.assert_array_equal(step.tokens[decided], grid.tokens[decided])
            assert step.known[decided].all()


def what_is_not_doubted(
    session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent
) -> None:
    """Only the share of the base tokens of least confidence changes, and the detail over them."""
    own = own_tokens(session, request)
    free = under_paint(request, len(own["base"]))
    with torch.inference_mode():
        sure = session.cascade.confidence(request.prompt, torch.from_numpy(own["base"])[None])[0].numpy()
    count = max(1, round(request.share * int(free.sum())))
    assert result.edited is not None
    anew = touched_cells(in_full(result.edited), len(free))
    assert anew.sum() == count
    assert free[anew].all()
    assert sure[anew].max() <= sure[free & ~anew].min(initial=1.0)
    for step in steps:
        kept = ~anew if step.stage == "base" else ~finer(anew)
        np.testing.assert_array_equal(step.tokens[kept], own[step.stage][kept])


def the_base(session: Session, request: EditRequest, steps: Sequence[StepEvent], result: ResultEvent) -> None:
    """All base tokens, and the detail under no paint."""
    own, free = own_tokens(session, request), under_paint(request, 64)
    assert {step.stage for step in steps} == {"superres"}
    np.testing.assert_array_equal(result.base_tokens, own["base"])
    for step in steps:
        np.testing.assert_array_equal(step.tokens[~free], own["superres"][~free])


# The table


def whole_square(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.GENERATE)


def under_the_brush(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.INPAINT, picture=frame_picture(document), mask=frame_mask(document))


def gently_under_the_brush(session: Session, wish: Wish, document: Document) -> EditRequest:
    return replace(under_the_brush(session, wish, document), strength=0.4)


def by_prompt_alone(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.EDIT, picture=frame_picture(document))


def from_an_iteration(session: Session, wish: Wish, document: Document) -> EditRequest:
    """Some iteration of an edit, with another prompt and seed from there on."""
    request = by_prompt_alone(session, wish, document)
    two_stages = session.cascade.traits.superres is not None  # then the first is as fine at every size
    steps, _ = run(session, replace(request, size=256) if two_stages else request)
    done = 1 + wish.seed % len(steps)
    return replace(request, prompt="an apple", seed=wish.seed // 2, reached=Reached(steps[done - 1].tokens, done))


def from_a_step(session: Session, wish: Wish, document: Document) -> EditRequest:
    """Some step of a generation, with another prompt and seed from there on."""
    state = stopped(session, whole_square(session, wish, document), wish.seed)
    return replace(wish.request(Mode.CONTINUE, tokens=state), prompt="an apple", seed=wish.seed // 2)


def from_a_step_under_the_brush(session: Session, wish: Wish, document: Document) -> EditRequest:
    """Some step of an inpainting; with nothing painted, of a generation: its tokens then are of no use."""
    inpainting = under_the_brush(session, wish, document)
    assert inpainting.mask is not None
    first = inpainting if inpainting.mask.any() else whole_square(session, wish, document)
    state = stopped(session, first, wish.seed)
    return wish.request(Mode.CONTINUE, picture=inpainting.picture, mask=inpainting.mask, tokens=state)


def stopped(session: Session, request: EditRequest, at: int) -> TokenState:
    """What has been decided after one of the steps."""
    steps, _ = run(session, request)
    step = steps[at % len(steps)]
    grid = TokenGrid(step.tokens, step.known)
    if step.stage == "base":
        return TokenState(grid)
    base = [one for one in steps if one.stage == "base"][-1]
    return TokenState(TokenGrid.whole(base.tokens), grid)


def doubtful(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.REROLL, picture=frame_picture(document))


def doubtful_under_the_brush(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.REROLL, picture=frame_picture(document), mask=frame_mask(document), share=0.5)


def texture(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.RETEXTURE, picture=frame_picture(document))


def texture_under_the_brush(session: Session, wish: Wish, document: Document) -> EditRequest:
    return wish.request(Mode.RETEXTURE, picture=frame_picture(document), mask=frame_mask(document))


def roomy(wish: Wish) -> Document:
    """The picture with room around it, masked, and the frame about its lower right corner."""
    pixels, mask = with_room(Document(corpus.noise(*wish.extent, seed=1)).picture.copy(), Margins(*wish.room))
    document = Document(pixels)
    document.set_mask(mask)
    document.set_frame(Rect(document.extent.width - 512, document.extent.height - 512, 512, 512))
    return document


def no_picture(request: EditRequest, result: ResultEvent) -> Pixels | None:
    return None


def the_mask(request: EditRequest, result: ResultEvent) -> Pixels | None:
    return request.mask


def what_was_made_anew(request: EditRequest, result: ResultEvent) -> Pixels | None:
    """What the result names; with an empty mask it names nothing."""
    return request.mask if result.edited is None else result.edited


def in_full(mask: Pixels) -> Pixels:
    """uint8 [256, 256] or [512, 512] to [512, 512]."""
    times = 512 // len(mask)
    return mask.repeat(times, 0).repeat(times, 1)


D = Wish.document
WAYS: dict[str, Way] = {
    "generate": Way(Mode.GENERATE, D, whole_square, nothing, no_picture),
    "inpaint": Way(Mode.INPAINT, D, under_the_brush, tokens_under_no_paint, the_mask, masked=True),
    "inpaint gently": Way(Mode.INPAINT, D, gently_under_the_brush, tokens_that_strength_spares, the_mask, masked=True),
    "outpaint": Way(Mode.INPAINT, roomy, under_the_brush, tokens_under_no_paint, the_mask, masked=True),
    "edit": Way(Mode.EDIT, D, by_prompt_alone, all_but_eight_percent, what_was_made_anew),
    "edit from an iteration": Way(Mode.EDIT, D, from_an_iteration, all_but_eight_percent, what_was_made_anew),
    "continue": Way(Mode.CONTINUE, D, from_a_step, what_was_decided, no_picture),
    "continue under the brush": Way(
        Mode.CONTINUE, D, from_a_step_under_the_brush, what_was_decided, the_mask, masked=True
    ),
    "reroll": Way(Mode.REROLL, D, doubtful, what_is_not_doubted, what_was_made_anew),
    "reroll under the brush": Way(
        Mode.REROLL, D, doubtful_under_the_brush, what_is_not_doubted, what_was_made_anew, masked=True
    ),
    "retexture": Way(Mode.RETEXTURE, D, texture, the_base, what_was_made_anew),
    "retexture under the brush": Way(
        Mode.RETEXTURE, D, texture_under_the_brush, the_base, what_was_made_anew, masked=True
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

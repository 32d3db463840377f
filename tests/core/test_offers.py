"""Smaller plans: what is offered for which request, in the order of what they cost, and how they are said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import TO_THE_CPU, Offer, OfferKind, choices, smaller_plans
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.tokens import TokenState

FOUR = EditRequest(Mode.GENERATE, "a fox", count=4)


def kinds(request: EditRequest, on_cpu: bool = False) -> list[tuple[str, str]]:
    return [(offer.kind.value, offer.value) for offer in smaller_plans(request, on_cpu)]


def test_fewer_at_once_come_first_then_the_size_then_the_cpu() -> None:
    assert kinds(FOUR) == [("count", "2"), ("size", "256"), ("device", "cpu")]
    assert kinds(FOUR, on_cpu=True) == [("count", "2"), ("size", "256")]


def test_what_is_as_small_as_it_gets_is_not_offered_again() -> None:
    small = replace(FOUR, count=1, size=256)
    assert kinds(small) == [("device", "cpu")]
    assert kinds(small, on_cpu=True) == []


def test_new_detail_has_no_256_pixels() -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    assert kinds(EditRequest(Mode.RETEXTURE, "a fox", picture=picture)) == [("device", "cpu")]


def test_an_offer_taken_changes_what_it_says_and_nothing_else() -> None:
    count, size, device = smaller_plans(FOUR, on_cpu=False)
    assert count.applied(FOUR) == replace(FOUR, count=2)
    assert size.applied(FOUR) == replace(FOUR, size=256)
    assert device.applied(FOUR) == FOUR


def test_offers_read_as_a_button_a_sentence_and_an_option() -> None:
    offers = smaller_plans(FOUR, on_cpu=False)
    assert [offer.label for offer in offers] == ["Try 2 at once", "Try at 256 px", "Try on the CPU"]
    assert [offer.option for offer in offers] == ["--count 2", "--size 256", "--device cpu"]
    assert Offer(OfferKind.COUNT, "1").label == "Try one at a time"
    assert choices(offers[1:], "") == "choose the size 256 or the CPU as device"
    assert choices((), "choose a smaller model") == "choose a smaller model"


@pytest.mark.parametrize(("kind", "value"), [("size", "1024"), ("size", "0x100"), ("count", "0"), ("device", "cuda")])
def test_an_offer_that_is_none_is_refused(kind: str, value: str) -> None:
    with pytest.raises(MuseStudioError) as caught:
        Offer(OfferKind(kind), value)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_an_error_offers_nothing_unless_told() -> None:
    assert MuseStudioError(ErrorKind.DISK, "x").offers == ()
    assert MuseStudioError(ErrorKind.DEVICE, "x", "", (TO_THE_CPU,)).offers == (TO_THE_CPU,)


def test_the_next_smaller_size_that_the_model_makes_is_offered_with_its_own_picture_and_mask() -> None:
    mask = np.zeros((1024, 1024), np.uint8)
    mask[501, 700] = 255  # a single pixel must not be lost
    large = EditRequest(Mode.INPAINT, "a fox", size=1024, picture=np.zeros((1024, 1024, 3), np.uint8), mask=mask)
    assert smaller_plans(large, on_cpu=True, sizes=(1024,)) == ()
    (offer,) = smaller_plans(large, on_cpu=True, sizes=(1024, 512, 256))
    smaller = offer.applied(large)
    assert (offer.value, smaller.size, smaller.frame_side) == ("512", 512, 512)
    assert smaller.mask is not None
    assert smaller.mask[250, 350] == 255
    assert (smaller.mask > 0).sum() == 1


def test_tokens_of_one_stage_are_of_one_size() -> None:
    tokens = TokenState.whole(np.zeros((32, 32), np.int32), None)
    edit = EditRequest(Mode.EDIT, "a fox", tokens=tokens)
    assert smaller_plans(edit, on_cpu=True) == ()

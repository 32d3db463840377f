"""A recorded session, cut off and flipped everywhere: whatever arrives, only PROTOCOL errors come out."""

from __future__ import annotations

import random

import numpy as np

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import TO_THE_CPU
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc import messages
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.framing import FrameReader, encode_frame
from muse_studio.ipc.letters import (
    failed_letter,
    read_error,
    read_request,
    read_result,
    read_step,
    result_letter,
    run_letter,
    step_letter,
)
from muse_studio.ipc.messages import Letter, pack, unpack_from_worker, unpack_to_worker

SIZE = 4  # of the recorded result, in px: the pixels of a real one would only make the test slow
PLAN = messages.Plan(2, 1.0, None)


def a_step(index: int) -> StepEvent:
    tokens, confidence = np.full((3, 3), index, np.int32), np.full((3, 3), 0.5, np.float32)
    known, preview = confidence > index, np.zeros((2, 2, 3), np.uint8)
    return StepEvent(index, 2, "base", index, 2, tokens, confidence, known, preview, 1.5)


FROM_WORKER = [
    Letter(messages.Hello("1.0", 4711)),
    Letter(messages.Loading(0.5, "the base transformer")),
    Letter(
        messages.Ready(
            messages.ModelInfo("m", "l", PLAN, PLAN, (512, 256), 16, 64), messages.DeviceInfo("d", "cpu", 1, None)
        )
    ),
    Letter(messages.Pong(3)),
    step_letter(1, a_step(0)),
    step_letter(1, a_step(1), with_preview=False),
    result_letter(1, ResultEvent(np.zeros((SIZE, SIZE, 3), np.uint8), np.zeros((3, 3), np.int32), None, 2.0), 2),
    result_letter(1, ResultEvent(np.zeros((SIZE, SIZE, 3), np.uint8), np.zeros((3, 3), np.int32), None, 2.0), 1),
    failed_letter(2, MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Choose 256.", "a traceback", (TO_THE_CPU,))),
    Letter(messages.Cancelled(3)),
    Letter(messages.Note("a note")),
]
TO_WORKER = [
    Letter(messages.Load("/a/model", "auto")),
    run_letter(1, EditRequest(Mode.GENERATE, "a fox 🦊", "a cat", 2**32 - 1, 256)),
    Letter(messages.Ping(3)),
    Letter(messages.Cancel(1)),
    Letter(messages.Shutdown()),
]


def recorded(letters: list[Letter]) -> bytes:
    return b"".join(encode_frame(pack(letter)) for letter in letters)


def understand(data: bytes, from_worker: bool) -> int:
    """How many letters of a stream make sense before its first fault, which must be a clean refusal."""
    reader, understood = FrameReader(), 0
    try:
        for frame in reader.feed(data):
            letter = (unpack_from_worker if from_worker else unpack_to_worker)(frame)
            read_whole(letter)
            understood += 1
        reader.finish()
    except MuseStudioError as error:
        kind = error.kind
    else:
        return understood
    assert kind in (ErrorKind.PROTOCOL, ErrorKind.BAD_REQUEST, ErrorKind.BAD_PROMPT, ErrorKind.BAD_MASK)
    assert not from_worker or kind is ErrorKind.PROTOCOL
    return understood


def read_whole(letter: Letter) -> None:
    message = letter.message
    if isinstance(message, messages.Step):
        read_step(letter)
    elif isinstance(message, messages.Finished):
        read_result(letter, SIZE)
    elif isinstance(message, messages.Failed):
        read_error(message)
    elif isinstance(message, messages.Run):
        read_request(letter)


def test_a_whole_recording_is_understood() -> None:
    assert understand(recorded(FROM_WORKER), True) == len(FROM_WORKER)
    assert understand(recorded(TO_WORKER), False) == len(TO_WORKER)


def test_a_recording_cut_off_at_any_byte_gives_the_letters_before_it() -> None:
    for letters, from_worker in ((FROM_WORKER, True), (TO_WORKER, False)):
        data = recorded(letters)
        ends = [len(recorded(letters[:count])) for count in range(len(letters) + 1)]
        for length in range(len(data)):
            assert understand(data[:length], from_worker) == sum(end <= length for end in ends[1:])


def test_a_recording_with_flipped_bits_is_understood_or_refused() -> None:
    rng = random.Random(0)
    for letters, from_worker in ((FROM_WORKER, True), (TO_WORKER, False)):
        data = recorded(letters)
        for _ in range(2000):
            flipped = bytearray(data)
            for _ in range(rng.choice([1, 1, 2, 8])):
                flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            understand(bytes(flipped), from_worker)


def test_frames_in_another_order_or_twice_are_still_letters() -> None:
    rng = random.Random(1)
    for _ in range(50):
        shuffled = rng.choices(FROM_WORKER, k=20)
        assert understand(recorded(shuffled), True) == 20

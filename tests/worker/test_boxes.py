"""The two threads of the worker: what it hears in the middle of a step, and what it says to a slow reader."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.framing import FrameReader, encode_frame
from muse_studio.ipc.letters import read_step, result_letter
from muse_studio.ipc.messages import (
    Cancel,
    Finished,
    Letter,
    Load,
    Message,
    Note,
    Ping,
    Pong,
    Shutdown,
    Step,
    pack,
    unpack_from_worker,
)
from muse_studio.worker.inbox import Inbox
from muse_studio.worker.outbox import Outbox

PATIENCE_S = 300.0


class Pipe:
    """Both ends of a pipe; each may be closed once or not at all."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()
        self._open = {self.read_fd, self.write_fd}

    def close(self, fd: int) -> None:
        if fd in self._open:
            self._open.remove(fd)
            os.close(fd)

    def close_both(self) -> None:
        self.close(self.write_fd)
        self.close(self.read_fd)


@contextmanager
def an_outbox() -> Iterator[tuple[Outbox, Pipe]]:
    pipe = Pipe()
    outbox = Outbox(pipe.write_fd)
    yield outbox, pipe
    pipe.close(pipe.read_fd)
    outbox.close(PATIENCE_S)
    pipe.close_both()


@contextmanager
def an_inbox(ended: threading.Event | None = None) -> Iterator[tuple[Inbox, Pipe, Pipe]]:
    to_worker = Pipe()
    with an_outbox() as (outbox, from_worker):
        inbox = Inbox(to_worker.read_fd, outbox, end_process=(ended or threading.Event()).set)
        yield inbox, to_worker, from_worker
        to_worker.close(to_worker.write_fd)
        while inbox.next() is not None:
            pass
        inbox.finish()
        inbox._thread.join(PATIENCE_S)
    to_worker.close_both()


def say(pipe: Pipe, *messages: Message) -> None:
    os.write(pipe.write_fd, b"".join(encode_frame(pack(Letter(message))) for message in messages))


def hear(pipe: Pipe, count: int) -> list[Letter]:
    reader, letters = FrameReader(), []
    while len(letters) < count:
        letters += [unpack_from_worker(frame) for frame in reader.feed(os.read(pipe.read_fd, 65536))]
    return letters


def a_step(index: int, total: int) -> StepEvent:
    tokens, confidence = np.full((64, 64), index, np.int32), np.ones((64, 64), np.float32)
    preview = np.full((256, 256, 3), index, np.uint8)
    return StepEvent(index, total, "superres", index, total, tokens, confidence, confidence > 0, preview, None)


def test_a_flood_of_previews_keeps_every_token_the_newest_preview_and_the_result() -> None:
    with an_outbox() as (outbox, pipe):
        for index in range(20):  # nobody reads: the pipe is full within the first step
            outbox.post_step(1, a_step(index, 20))
        result = ResultEvent(np.zeros((512, 512, 3), np.uint8), None, None, 1.0)
        outbox.post_letter(result_letter(1, result, 1))
        letters = hear(pipe, 21)
    steps = [read_step(letter) for letter in letters[:-1]]
    assert [step.job_index for step in steps] == list(range(20))
    assert all((step.tokens == step.job_index).all() for step in steps)
    with_preview = [step.job_index for step in steps if step.has_preview]
    assert with_preview[-1] == 19
    assert len(with_preview) <= 2  # the one that was being written, and the newest
    assert isinstance(letters[-1].message, Finished)


def test_a_reader_that_keeps_up_sees_every_preview() -> None:
    with an_outbox() as (outbox, pipe):
        for index in range(5):
            outbox.post_step(1, a_step(index, 5))
            (letter,) = hear(pipe, 1)
            assert isinstance(letter.message, Step)
            assert read_step(letter).has_preview


def test_messages_from_many_threads_arrive_whole() -> None:
    with an_outbox() as (outbox, pipe):
        threads = [
            threading.Thread(target=lambda n=n: [outbox.post(Note(f"{n}/{i}")) for i in range(50)]) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        texts = [letter.message.text for letter in hear(pipe, 200) if isinstance(letter.message, Note)]
        for thread in threads:
            thread.join()
    for n in range(4):
        assert [text for text in texts if text.startswith(f"{n}/")] == [f"{n}/{i}" for i in range(50)]


def test_posting_to_a_studio_that_is_gone_harms_nothing() -> None:
    with an_outbox() as (outbox, pipe):
        pipe.close(pipe.read_fd)
        for index in range(10):
            outbox.post_step(1, a_step(index, 10))
        outbox.close(PATIENCE_S)
        assert outbox.broken


def test_a_ping_is_answered_while_the_main_thread_is_busy() -> None:
    with an_inbox() as (_, to_worker, from_worker):
        say(to_worker, Ping(77))
        assert hear(from_worker, 1)[0].message == Pong(77)


def test_a_cancel_is_noted_at_once_for_its_job_alone() -> None:
    with an_inbox() as (inbox, to_worker, from_worker):
        say(to_worker, Cancel(5), Ping(1))
        hear(from_worker, 1)
        assert inbox.wants_stop(5)
        assert not inbox.wants_stop(6)


def test_cancelling_an_ended_job_has_no_effect_and_leaves_nothing_behind() -> None:
    with an_inbox() as (inbox, to_worker, from_worker):
        inbox.job_ended(5)
        say(to_worker, Cancel(5), Cancel(4), Ping(1))
        hear(from_worker, 1)
        assert not inbox._cancelled


def test_work_comes_in_order() -> None:
    with an_inbox() as (inbox, to_worker, _):
        say(to_worker, Load("a", "cpu"), Load("b", "cpu"))
        names = [letter.message for letter in (inbox.next(), inbox.next()) if letter is not None]
        assert names == [Load("a", "cpu"), Load("b", "cpu")]


def test_shutdown_the_end_of_input_and_garbage_all_close_the_inbox() -> None:
    for last_words in (encode_frame(pack(Letter(Shutdown()))), b"", b"GET / HTTP/1.1\r\n"):
        with an_inbox() as (inbox, to_worker, _):
            os.write(to_worker.write_fd, last_words)
            if not last_words:
                to_worker.close(to_worker.write_fd)
            assert inbox.next() is None
            assert inbox.closed
            assert inbox.wants_stop(1)


def test_a_step_that_outlasts_the_studio_is_ended_by_force() -> None:
    ended = threading.Event()
    with an_inbox(ended) as (_, to_worker, _from):
        to_worker.close(to_worker.write_fd)
        assert ended.wait(PATIENCE_S)  # nobody calls finish(): the main thread is in its step


def test_a_worker_that_is_done_is_not_ended_by_force() -> None:
    ended = threading.Event()
    with an_inbox(ended) as (inbox, to_worker, _):
        to_worker.close(to_worker.write_fd)
        inbox.finish()
        inbox._thread.join(PATIENCE_S)
        assert not ended.is_set()

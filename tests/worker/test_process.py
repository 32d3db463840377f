"""The worker as a process of its own: its pipes, its priority and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc.framing import FrameReader, encode_frame
from muse_studio.ipc.letters import run_letter
from muse_studio.ipc.messages import Hello, Letter, Load, Message, Ready, Shutdown, Step, pack, unpack_from_worker

ROOT = Path(__file__).resolve().parents[2]
SCRIPTED = [sys.executable, str(ROOT / "tests/client/scripted_worker.py")]
PATIENCE_S = 300.0


class Talk:
    """The studio's end of a worker, without a client."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._reader = FrameReader()
        self._heard: list[Letter] = []

    def say(self, message: Message) -> None:
        self.say_letter(Letter(message))

    def say_letter(self, letter: Letter) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(encode_frame(pack(letter)))

    def hear(self, kind: type[Message]) -> Message:
        """The next message of this kind; others before it are passed over."""
        assert self.process.stdout is not None
        while True:
            while self._heard:
                message = self._heard.pop(0).message
                if isinstance(message, kind):
                    return message
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the worker ended"
            self._heard += [unpack_from_worker(frame) for frame in self._reader.feed(data)]

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()


@contextmanager
def a_worker(command: list[str] = SCRIPTED) -> Iterator[Talk]:
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as process:
        try:
            yield Talk(process)
        finally:
            process.kill()


def in_a_long_step(talk: Talk) -> None:
    talk.say(Load("m", "cpu"))
    talk.hear(Ready)
    talk.say_letter(run_letter(1, EditRequest(Mode.GENERATE, "steps=2 endless=1")))
    talk.hear(Step)
    time.sleep(0.2)  # the worker has said its first step, and now enters the second


def test_it_says_hello_first_with_its_own_number_and_runs_at_low_priority() -> None:
    with a_worker() as talk:
        hello = talk.hear(Hello)
        assert isinstance(hello, Hello)
        assert hello.pid == talk.process.pid
        assert psutil.Process(hello.pid).nice() >= 10


def test_it_exits_by_itself_on_shutdown_and_at_the_end_of_its_input() -> None:
    with a_worker() as talk:
        talk.hear(Hello)
        talk.say(Shutdown())
        assert talk.process.wait(PATIENCE_S) == 0
    with a_worker() as talk:
        talk.hear(Hello)
        talk.close_input()
        assert talk.process.wait(PATIENCE_S) == 0


def test_it_exits_in_the_middle_of_a_step_when_the_studio_is_gone() -> None:
    with a_worker() as talk:
        in_a_long_step(talk)
        talk.close_input()
        assert talk.process.wait(PATIENCE_S) == 0  # the step itself would take 600 s


def test_ctrl_c_in_the_terminal_is_left_to_the_studio() -> None:
    with a_worker() as talk:
        talk.hear(Hello)
        talk.process.send_signal(signal.SIGINT)
        talk.say(Load("m", "cpu"))
        assert isinstance(talk.hear(Ready), Ready)


def test_garbage_on_its_input_ends_it_without_a_traceback() -> None:
    with a_worker() as talk:
        talk.hear(Hello)
        assert talk.process.stdin is not None
        talk.process.stdin.write(b"\x00" * 100)
        assert talk.process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    "busy",
    [
        False,
        pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux's kernel alone sees to it")),
    ],
    ids=["listening", "hearing nobody"],
)
def test_a_killed_studio_leaves_no_worker_behind(busy: bool) -> None:
    parent = (
        "import asyncio, sys, pathlib\n"
        "from muse_studio.client.client import WorkerClient\n"
        "from muse_studio.core.request import EditRequest, Mode\n"
        "async def main():\n"
        f"    client = WorkerClient(pathlib.Path('m'), 'cpu', {SCRIPTED!r})\n"
        "    await client.start()\n"
        "    job = client.submit(EditRequest(Mode.GENERATE, 'endless=0'))\n"
        "    await client.ready()\n"
        "    await asyncio.sleep(0.2)\n"
        "    print(client.pid, flush=True)\n"
        "    await job.wait()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE) as studio:
        assert studio.stdout is not None
        worker = psutil.Process(int(studio.stdout.readline()))
        try:
            if busy:
                worker.suspend()  # as while libraries are being loaded
            studio.kill()
            psutil.wait_procs([worker], PATIENCE_S)
            assert not worker.is_running()
        finally:
            with suppress(psutil.NoSuchProcess):
                worker.kill()  # one that stayed holds the pipe that `studio` is waited for through


def test_nothing_that_a_library_prints_or_reads_touches_the_protocol() -> None:
    script = (
        "import os, sys\n"
        "from muse_studio.worker.stdio import take_standard_pipes\n"
        "pipes = take_standard_pipes()\n"
        "print('from Python'); sys.stdout.flush()\n"
        "os.write(1, b'from C'); os.system('echo from a child')\n"
        "assert sys.stdin.read() == ''\n"
        "assert os.read(pipes.read_fd, 9) == b'protocol'\n"
        "assert not os.get_inheritable(pipes.read_fd) and not os.get_inheritable(pipes.write_fd)\n"
        "os.write(pipes.write_fd, b'answer')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, input=b"protocol", capture_output=True, check=True)
    assert done.stdout == b"answer"
    for words in (b"from Python", b"from C", b"from a child"):
        assert words in done.stderr


def test_torch_is_not_imported_before_the_pipes_are_taken() -> None:
    script = "import sys, muse_studio.worker.process; assert not {'torch', 'PySide6'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_it_takes_no_arguments() -> None:
    command = [sys.executable, "-m", "muse_studio", "worker", "--evil"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"no arguments" in done.stderr

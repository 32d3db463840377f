"""Plays a download session with the real command line against the Hub on this machine, and writes it down.

    python -m tests.weights.hub.session > docs/download-session.md

The cascade that is served is noise of 2 MB under the name of aMUSEd's 3.49 GB; everything else is as a person meets it.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.weights.hub.loopback_hub import FINE, Fault, Hub, serving, small_cascade

SCALE = 400  # weights of 1.9 MB
FRAMES = 6  # of the progress bar, of the many that are drawn
LARGEST = "transformer/diffusion_pytorch_model.safetensors"


class Session:
    """Runs commands in a home of its own and prints what they say."""

    def __init__(self, hub: Hub, home: Path) -> None:
        self._hub = hub
        self._home = home
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MUSE_STUDIO", "HF_"))
        }
        self._environment = {
            **kept,
            "HOME": str(home),
            "HF_ENDPOINT": hub.address,
            "COLUMNS": "110",
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *words: str) -> None:
        """With no person to ask: its output goes to a log."""
        done = subprocess.run(
            self._command(words),
            env=self._environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self._show(words, done.stdout, done.returncode)

    def run_in_terminal(self, *words: str, answer: str) -> None:
        """With a person who answers, and a bar that is drawn over and over; some of its states are shown."""
        here, there = pty.openpty()
        process = subprocess.Popen(self._command(words), env=self._environment, stdin=there, stdout=there, stderr=there)
        os.close(there)
        said = b""
        while True:
            try:
                piece = os.read(here, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            said += piece
            if piece.endswith(b"[y/N] "):
                os.write(here, f"{answer}\n".encode())
        os.close(here)
        before, _, bars = said.decode().replace("\r\n", "\n").partition("\r")
        drawn, _, after = bars.rpartition("\r")
        last, _, after = after.partition("\n")
        frames = [frame.rstrip() for frame in (*drawn.split("\r"), last)]
        chosen = [frames[index * (len(frames) - 1) // (FRAMES - 1)] for index in range(FRAMES)]
        self._show(words, "\n".join((before.rstrip("\n"), *chosen, after)), process.wait())

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "muse_studio", *words]

    def _show(self, words: tuple[str, ...], said: str, code: int) -> None:
        command = " ".join(words).replace(str(self._home), "~")
        said = said.replace(str(self._home), "~").replace(f"{Path.cwd()}/", "")
        said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", said)
        said = re.sub(r"[\d.]+ GB are free", "… GB are free", said)
        print(f"```console\n$ muse-studio {command}\n{said.rstrip()}")
        print(f"(exit code {code})\n```\n" if code else "```\n")


def main() -> None:
    """The whole session, as Markdown."""
    print("# A download session\n")
    print(
        "Played by the real command line against a server on this machine that answers as the Hub does, or fails to.\n"
        "What it serves is noise: 2 MB under the name of aMUSEd's 3.49 GB. Made anew by:\n\n"
        "```sh\npython -m tests.weights.hub.session > docs/download-session.md\n```\n"
    )
    with tempfile.TemporaryDirectory() as home, serving(Hub(small_cascade(SCALE))) as hub:
        play(Session(hub, Path(home)), hub, Path(home))


def play(session: Session, hub: Hub, home: Path) -> None:
    """One command after the other, with the server's mood before each."""
    print("What there is; nobody is asked for it.\n")
    session.run("models", "list", "--available")
    print("Nothing is fetched without consent.\n")
    session.run("models", "get", "amused-256")
    print("The connection breaks at 600,000 bytes of the largest file, each time it is made. What has come is kept.\n")
    hub.misbehave = lambda name, nth: Fault(cut_at=600_000) if name == LARGEST else FINE
    session.run("models", "get", "amused-256", "--yes")
    session.run("models", "list", "--available")
    print("With a better connection it goes on from there, here in a terminal. The bar is drawn ten times a second.\n")
    hub.misbehave = lambda name, nth: Fault(pause_s=0.002)
    session.run_in_terminal("models", "get", "amused-256", answer="y")
    print("It is on the list of cascades that can be chosen, the window's too, and tells what it is.\n")
    session.run("models", "list")
    session.run("models", "info", "amused-256")
    session.run("models", "verify", "amused-256")
    print("One flipped bit is found.\n")
    folder = home / ".local" / "share" / "muse-studio" / "models" / "amused-256"
    data = bytearray((folder / LARGEST).read_bytes())
    data[-1] ^= 1
    (folder / LARGEST).write_bytes(data)
    session.run("models", "verify", "amused-256")
    print("A mirror that gives out other bytes of the right size is found out, and nothing of that file is left.\n")
    hub.misbehave = lambda name, nth: Fault(content=bytes(len(hub.files[name]))) if name == LARGEST else FINE
    session.run("models", "get", "amused-256", "--yes", "--into", str(home / "elsewhere"))
    print("What was fetched is deleted when a person says so. A folder of one's own never is.\n")
    session.run_in_terminal("models", "remove", "amused-256", "--delete", answer="y")
    session.run("models", "list")
    print("A server that is broken.\n")
    hub.listing_status = 500
    session.run("models", "get", "amused-256", "--yes", "--into", str(home / "elsewhere"))


if __name__ == "__main__":
    main()

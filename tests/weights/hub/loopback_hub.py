"""A Hub of one's own on this machine, as small as a test wants it and as bad as the worst mirror.

It answers what a download asks: the list of a repository's files, and the files, whole or from a byte on.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

REPO = "amused/amused-256"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = ".safetensors"


def small_cascade(scale: int = 1) -> dict[str, bytes]:
    """The files of a published cascade by name and kind, some KB of noise at scale 1; three are never to be fetched."""
    noise = np.random.default_rng(7)
    sizes = {
        "text_encoder/model": 900,
        "transformer/diffusion_pytorch_model": 2500,
        "vqvae/diffusion_pytorch_model": 1400,
    }
    weights = {f"{name}{LARGE}": safetensors(noise.bytes(size * scale)) for name, size in sizes.items()}
    texts = {
        "README.md": b"---\nlicense: openrail++\n---\n# aMUSEd\n\nDraws noise.\n",
        "model_index.json": b'{"_class_name": "AmusedPipeline"}',
        "scheduler/scheduler_config.json": b'{"mask_token_id": 8255}',
        "text_encoder/config.json": b'{"hidden_size": 768}',
        "tokenizer/merges.txt": b"#version: 0.2\n",
        "tokenizer/vocab.json": b'{"a": 0}',
        "transformer/config.json": b'{"_class_name": "UVit2DModel", "sample_size": 16}',
        "vqvae/config.json": b'{"_class_name": "VQModel"}',
    }
    others = {
        "transformer/README.md": b"# A part",
        "transformer/diffusion_pytorch_model.bin": b"a pickle",
        "transformer/diffusion_pytorch_model.fp16.safetensors": b"half as exact",
        "transformer/transformer.py": b"print('code')",
        "training/training.json": b"{}",
    }
    return weights | texts | others


def safetensors(data: bytes) -> bytes:
    """A file of that format with one tensor of bytes."""
    header = json.dumps({"weight": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    return len(header).to_bytes(8, "little") + header + data


WANTED = frozenset(
    name
    for name in small_cascade()
    if name != "transformer/README.md" and not name.endswith((".bin", ".py", ".fp16.safetensors", "training.json"))
)


@dataclass(frozen=True)
class Fault:
    """How one answer is wrong.

    cut_at:   the byte of the file after which the connection is dropped.
    length:   added to the length that is told.
    content:  sent instead of the file.
    to:       where the request is sent on to.
    pause_s:  after each KB.
    """

    status: int = 0
    cut_at: int | None = None
    no_parts: bool = False
    wrong_part: bool = False
    length: int = 0
    told: bool = True
    content: bytes | None = None
    to: str = ""
    pause_s: float = 0.0


FINE = Fault()


@dataclass
class Hub:
    """The server's state; change it while it runs.

    misbehave: gives the fault of an answer by the file's name and the number of requests for it so far, from 0.
    asked:     every request: path, first byte, headers.
    listing:   changes the answer about the repository.
    """

    files: dict[str, bytes]
    licence: str = "openrail++"
    misbehave: Callable[[str, int], Fault] = lambda name, nth: FINE
    listing: Callable[[dict[str, Any]], Any] = lambda answer: answer
    listing_status: int = 200
    address: str = ""
    asked: list[tuple[str, int, Mapping[str, str]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def fetched(self) -> list[tuple[str, int]]:
        """Every file that was asked for, with the byte it was asked from."""
        return [(path, start) for path, start, _ in self.asked if not path.startswith("/api/")]

    def starts(self, name: str) -> list[int]:
        """The bytes from which a file was asked for."""
        return [start for path, start in self.fetched() if path.endswith(name)]

    def repository(self) -> dict[str, Any]:
        """What the Hub tells of the repository."""
        siblings = []
        for name, data in self.files.items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_blob(data)}
            if name.endswith((LARGE, ".bin")):
                entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
            siblings.append(entry)
        tags = ["diffusers", f"license:{self.licence}"]
        return {"_id": "1", "id": REPO, "sha": COMMIT, "tags": tags, "private": False, "siblings": siblings}


def git_blob(data: bytes) -> str:
    """git's name of a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class _Answers(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        nth = sum(before == path for before, _, _ in self.hub.asked)
        self.hub.asked.append((path, start, dict(self.headers)))
        if path == f"/api/models/{REPO}":
            answer = json.dumps(self.hub.listing(self.hub.repository())).encode()
            self._head(
                self.hub.listing_status, {"Content-Type": "application/json", "Content-Length": str(len(answer))}
            )
            self.wfile.write(answer)
            return
        _, _, name = path.partition(f"/resolve/{COMMIT}/")
        if not name:
            _, _, name = path.partition("/store/")
        self._file(name, start, self.hub.misbehave(name, nth))

    def _file(self, name: str, start: int, fault: Fault) -> None:
        if fault.to:
            self._head(302, {"Location": fault.to, "Content-Length": "0"})
            return
        if fault.status or name not in self.hub.files:
            self._head(fault.status or 404, {"Content-Length": "0"})
            return
        data = self.hub.files[name] if fault.content is None else fault.content
        if fault.no_parts:
            start = 0
        headers = {"Content-Length": str(len(data) - start + fault.length)} if fault.told else {}
        if start:
            first = start + 1 if fault.wrong_part else start
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        self._head(206 if start else 200, headers)
        end = len(data) if fault.cut_at is None else fault.cut_at
        for place in range(start, end, 1024):
            self.wfile.write(data[place : min(end, place + 1024)])
            self.hub.over.wait(fault.pause_s)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined when it is closed
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side hung up, as a cancelled download does."""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub on a free port of this machine, at `hub.address`."""
    server = _Server(("127.0.0.1", 0), type("Answers", (_Answers,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="loopback-hub")
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()  # nobody waits any more
        server.shutdown()
        thread.join()
        server.server_close()

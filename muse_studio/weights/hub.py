"""The one door to the network: asks the Hub, or the mirror that HF_ENDPOINT names, what it offers, and opens its files.

Knows nothing of disks and of what becomes of the bytes. Opened only when a person asks for a download. Sends no account
token and tells nothing about this machine. Whatever comes is believed only after `offer_of` and a hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.file_download import hf_hub_url
from huggingface_hub.hf_api import HfApi

from muse_studio import __version__
from muse_studio.core import limits
from muse_studio.core.catalogue import ENDPOINT_VARIABLE, Published, endpoint
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model
from muse_studio.weights.offer import Listed, Offer, WantedFile, offer_of

_AGENT = f"muse-studio/{__version__}"
_TIMES = httpx2.Timeout(limits.DOWNLOAD_READ_S, connect=limits.DOWNLOAD_CONNECT_S)
_BUSY = 429  # and everything from 500 on: the same question may be answered in a moment


class Interrupted(MuseStudioError):
    """The connection failed in a way that may be gone in a moment."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(ErrorKind.NETWORK, message, detail)


@dataclass(frozen=True, slots=True)
class Body:
    """An answer that is coming in.

    start:  of its first byte in the file: 0 where the server cannot give a part.
    chunks: the bytes as they arrive. Interrupted where they stop too early.
    """

    start: int
    chunks: Iterator[bytes]


def ask(entry: Published) -> Offer:
    """What is offered of a published cascade now, checked. MuseStudioError: NETWORK, BAD_MODEL or BAD_REQUEST."""
    address = endpoint()
    constants.HF_HUB_DISABLE_TELEMETRY = True  # or the library tells the server what this machine runs
    try:
        api = HfApi(endpoint=address, headers={"user-agent": _AGENT})
        info = api.model_info(entry.repo, files_metadata=True, timeout=limits.DOWNLOAD_READ_S, token=False)
        listed = [
            Listed(file.rfilename, file.size, file.lfs.sha256 if file.lfs else None, file.blob_id)
            for file in info.siblings or ()
        ]
        tags = info.tags
    except OfflineModeIsEnabled as fault:
        raise _offline() from fault
    except HfHubHTTPError as fault:
        raise refusal(fault.response.status_code, entry.repo, address) from fault
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise unreachable(address, fault) from fault
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        message = (
            f"{printable(address)} does not answer as the Hub does. Check {ENDPOINT_VARIABLE}, or try again later."
        )
        raise MuseStudioError(ErrorKind.NETWORK, message, repr(fault)) from fault
    return offer_of(entry, address, info.sha, tags, listed)


def connect() -> httpx2.Client:
    """What keeps connections open from one file to the next; to be closed."""
    return httpx2.Client(follow_redirects=True, timeout=_TIMES, headers={"User-Agent": _AGENT})


@contextmanager
def open_file(client: httpx2.Client, offer: Offer, file: WantedFile, start: int = 0) -> Iterator[Body]:
    """The file from byte `start` on, or whole where the server gives no parts.

    Interrupted where another try may help, MuseStudioError(NETWORK) where not, BAD_MODEL where it is another file.
    """
    if constants.is_offline_mode():
        raise _offline()
    url = hf_hub_url(offer.entry.repo, file.name, revision=offer.commit, endpoint=offer.endpoint)
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        with client.stream("GET", url, headers=headers) as answer:
            yield Body(_start(answer, offer, file, start), answer.iter_raw())
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise unreachable(offer.endpoint, fault) from fault


def cached(offer: Offer, file: WantedFile) -> Path | None:
    """Where an existing Hub cache on this machine has a file that claims to be this one; None where it has none."""
    folder = Path(constants.HF_HUB_CACHE) / f"models--{offer.entry.repo.replace('/', '--')}" / "blobs"
    place = folder / file.identity
    try:
        return place if place.is_file() and place.stat().st_size == file.size_bytes else None
    except OSError:
        return None


def refusal(status: int, what: str, address: str) -> MuseStudioError:
    """An answer that is none, in a person's words."""
    what, address, detail = printable(what), printable(address), f"HTTP {status}"
    if status == _BUSY or status >= 500:
        return Interrupted(f"{address} is busy or broken now. What has come is kept: try again later.", detail)
    if status in (401, 403):
        message = f"{address} does not give out {what} without an account, or no longer has it."
    elif status == 404:
        message = f"{address} does not have {what}. It may have been renamed or taken back."
    else:
        message = f"{address} refused to give {what}. Try again later, or set {ENDPOINT_VARIABLE} to another address."
    return MuseStudioError(ErrorKind.NETWORK, message, detail)


def unreachable(address: str, fault: Exception) -> Interrupted:
    """A connection that could not be made, or that broke."""
    where = urlsplit(address).netloc
    message = f"The connection to {printable(where)} failed. Check the network, and try again: what has come is kept."
    return Interrupted(message, repr(fault))


def _start(answer: httpx2.Response, offer: Offer, file: WantedFile, asked: int) -> int:
    """Where the answer begins, once its head is seen to be of this very file."""
    if answer.status_code not in (200, 206):
        if answer.status_code == 416:  # what we have is longer than the file there
            raise bad_model(f"“{file.name}” is not what was published: it is shorter there.")
        raise refusal(answer.status_code, file.name, offer.endpoint)
    if offer.endpoint.startswith("https:") and answer.url.scheme != "https":
        message = (
            f"{printable(offer.endpoint)} sends on to an address that is not secure. Nothing was taken from there."
        )
        raise MuseStudioError(ErrorKind.NETWORK, message, str(answer.url))
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise MuseStudioError(ErrorKind.NETWORK, f"{printable(offer.endpoint)} sends “{file.name}” in an unknown form.")
    start = 0
    if answer.status_code == 206:
        start = asked
        if not answer.headers.get("Content-Range", "").startswith(f"bytes {asked}-"):
            raise Interrupted(f"{printable(offer.endpoint)} sent another part of “{file.name}” than was asked for.")
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(file.size_bytes - start):
        raise bad_model(f"“{file.name}” is not what was published: it has another size there.", f"{length} bytes")
    return start


def _offline() -> MuseStudioError:
    message = "HF_HUB_OFFLINE is set, which forbids every download. Unset it, and try again."
    return MuseStudioError(ErrorKind.NETWORK, message)

"""The public packages that hold the drawings, pinned by version and sha256, and how to fetch them.

A package is fetched by its own registry's client (`npm pack`, `apt-get download`), whatever registry or mirror that
client is set up to use, and refused if its bytes are not the ones pinned here. Knows nothing of what is inside.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from muse_studio.core.errors import ErrorKind, MuseStudioError

FETCH_LIMIT_S = 900.0
PACKAGE_LIMIT_BYTES = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Package:
    """One archive in a public registry. `tool` is "npm" (a .tgz) or "apt" (a .deb)."""

    key: str
    tool: str
    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name under which the archive is kept."""
        return f"{self.key}-{self.version}.{'tgz' if self.tool == 'npm' else 'deb'}"


def _iconify(key: str, version: str, sha256: str) -> Package:
    return Package(key, "npm", f"@iconify-json/{key}", version, sha256)


def _dicebear(name: str, sha256: str) -> Package:
    return Package(f"dicebear-{name}", "npm", f"@dicebear/{name}", "9.4.3", sha256)


PACKAGES: dict[str, Package] = {
    package.key: package
    for package in (
        Package(
            "fluent-3d",
            "npm",
            "@lobehub/fluent-emoji-3d",
            "1.1.0",
            "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
        ),
        _iconify("fluent-emoji", "1.2.7", "8044210dbf11e016d4de85f15d01a243423bd832457e7e2491df1b751c0e272b"),
        _iconify("fluent-emoji-flat", "1.2.6", "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175"),
        _iconify("noto", "1.2.9", "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad"),
        _iconify("noto-v1", "1.2.5", "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37"),
        _iconify("twemoji", "1.2.5", "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7"),
        _iconify("emojione", "1.2.3", "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e"),
        _iconify("streamline-emojis", "1.2.4", "5dac87c876b322500989828c5823143e0100d78881627a2e4081a4b897cbfdbc"),
        _iconify("fxemoji", "1.2.2", "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef"),
        _dicebear("big-smile", "8dbd7b96c9ceaf9dd7c280cdae4f0bb3e43ab2798b7bedbe355fbb3ce30e87bb"),
        _dicebear("core", "6ca7dae651c74ad547e548fbe7c41f49aaa377cf4617259277518389bf6b1a3d"),
        _dicebear("dylan", "761ebf9e973b71753af489d03b3aa67818bd17068b7f3fec9963dac91272e176"),
        _dicebear("fun-emoji", "85d0a5b3992c8f59fa45e3ca8a561f4f898a791d56d96ecece60a51c36e527c8"),
        _dicebear("micah", "b948931f01e97147ce8cdcfc4dfdad5c029bcb1ad57420dc0b22bc0aeb1d3fa7"),
        _dicebear("open-peeps", "65b664ec00dc69c068051461f2b5bd97c8335af676e36c284e906a3017c23d4f"),
        _dicebear("personas", "6f5b4765c4d54444ab0330c4a89da53636662de3b04118b827f005a31332d002"),
        _dicebear("toon-head", "b9cd3b5def9fb2c37a9acba2e4b9bd00268b6eaff705d596756e8d921a4580c8"),
        Package(
            "landscapes",
            "apt",
            "endless-sky-data",
            "0.9.8-1.2",
            "e45835e05a11e84bb1a890a0ded390246a53b8318f21a25925aa70fa54f80c13",
        ),
    )
}


def fetch(package: Package, folder: Path) -> Path:
    """The archive of `package` inside `folder`, fetched if it is not there yet; its sha256 is checked every time.

    Raises MuseStudioError(BAD_REQUEST) if the client is missing or fails, or if the bytes are not the pinned ones.
    """
    kept = folder / package.file_name
    if kept.is_file():
        if file_sha256(kept) == package.sha256:
            return kept
        kept.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        fetched = _download(package, Path(scratch), kept)
        found = file_sha256(fetched)
        if found != package.sha256:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                f"{package.name} {package.version} is not the package this recipe was made with, so it is not used.",
                f"sha256 {found}, expected {package.sha256}",
            )
        fetched.replace(kept)
    return kept


def file_sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(package: Package, scratch: Path, kept: Path) -> Path:
    if package.tool == "npm":
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        pattern = "*.tgz"
    else:
        command = ["apt-get", "download", "-q", f"{package.name}={package.version}"]
        pattern = "*.deb"
    if shutil.which(command[0]) is None:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            f"`{command[0]}` is needed to fetch {package.name}. Install it and run the command again, "
            f"or put the archive of version {package.version} at {kept} yourself.",
        )
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=FETCH_LIMIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise _fetch_error(package, "it took too long") from error
    found = sorted(scratch.glob(pattern))
    if done.returncode != 0 or len(found) != 1:
        raise _fetch_error(package, (done.stderr or done.stdout).strip()[-2000:])
    if found[0].stat().st_size > PACKAGE_LIMIT_BYTES:
        raise _fetch_error(package, "the archive is larger than any of the recipe's packages")
    return found[0]


def _fetch_error(package: Package, detail: str) -> MuseStudioError:
    return MuseStudioError(
        ErrorKind.BAD_REQUEST,
        f"{package.name} {package.version} could not be fetched. Check the network and run the command again.",
        detail,
    )

"""Install the system libraries that Qt needs (--install, as root on Debian or Ubuntu), or name the command that does.

Exit status 0 when all that is needed to run off screen is there in the end. Needs the standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from muse_studio.cli.qt_libraries import QtNeeds, missing


def present_name(package: str) -> str:
    """Debian 13 and Ubuntu 24.04 gave some packages a new name: libglib2.0-0 is libglib2.0-0t64 there."""
    for name in (package, f"{package}t64"):
        if subprocess.run(["apt-cache", "show", name], capture_output=True, check=False).returncode == 0:
            return name
    return package


def install(packages: tuple[str, ...]) -> None:
    """With apt-get; whether it worked is seen by looking again."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    names = [present_name(package) for package in packages]
    print("Installing system libraries that Qt needs:", " ".join(names), flush=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def report(needs: QtNeeds) -> None:
    """Say what is missing and what to do."""
    absent = [*needs.fatal, *needs.window, *(["a scalable font"] if needs.fonts else [])]
    print("Qt needs, and this system lacks:", ", ".join(absent))
    print(f"On Debian or Ubuntu run:\n  {needs.command}\nElsewhere install the packages that hold these libraries.")
    if not needs.fatal:
        print("Until then the studio runs off screen only (make demo, make test).")


def main(arguments: list[str]) -> int:
    needs = missing()
    if not needs.packages:
        return 0
    if "--install" in arguments and shutil.which("apt-get") is not None and os.geteuid() == 0:
        install(needs.packages)
        needs = missing()
    if needs.packages:
        report(needs)
    return 1 if needs.fatal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

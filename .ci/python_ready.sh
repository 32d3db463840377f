#!/bin/sh
# Is the Python named in $1 new enough, and able to make a virtual environment? Says what to do if not.
set -eu
python=${1:-}
if [ -z "$python" ]; then
    echo "No Python found. Install Python 3.11 or newer (Debian and Ubuntu: apt-get install python3 python3-venv)." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$python" --version) is too old: Muse Studio needs 3.11 or newer. Name one: make PYTHON=python3.11" >&2
    exit 1
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null && exit 0

# Debian and Ubuntu ship venv's installer in a package of its own.
package="$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')"
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing $package, which holds what 'python -m venv' needs."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"
else
    echo "This Python cannot make a virtual environment. Run: sudo apt-get install $package" >&2
    exit 1
fi

"""Bytes and seconds in a person's words. Knows nothing of what they are of."""

from __future__ import annotations

from muse_studio.gui.language import tr

_MIB, _GIB = 1024**2, 1024**3


def memory_amount(size: int) -> str:
    """Of memory: 1 GB is 1024 MB."""
    if size >= _GIB:
        return f"{size / _GIB:.1f} GB"
    return f"{size / _MIB:.0f} MB" if size >= _MIB else f"{size / 1024:.0f} KB"


def download_amount(size: int) -> str:
    """Of files, as download pages and disks count: 1 GB is a thousand MB."""
    if size >= 10**9:
        return f"{size / 10**9:.{0 if size >= 10**11 else 2}f} GB"
    return f"{size / 10**6:.0f} MB" if size >= 10**7 else f"{size / 10**6:.1f} MB"


def duration(seconds: float) -> str:
    """45 s, 3 min, 2 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return tr("{count} s", count=round(seconds))
    if minutes < 90:
        return tr("{count} min", count=minutes)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)

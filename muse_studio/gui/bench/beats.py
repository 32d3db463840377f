"""How long the event loop lets things wait: a timer's beats, here and in a bare process that runs beside us.

A stall delays every event that falls into it, not one: a beat that was due each millisecond of a 50 ms stall would have
waited 50, 49, 48 … ms. So `waits` counts all of them, and a percentile of it is one of what a person would have felt.
`python -m muse_studio.gui.bench.beats` is the bare process: an empty window and the same timer, on the same machine at
the same time. What it waits is the machine's doing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

BEAT_MS = 1


class Beats(QObject):
    """Notes when a timer of 1 ms fires. times_s: `time.monotonic()` of each beat, the same clock in all processes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.times_s: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.times_s.append(time.monotonic()))
        self._timer.start(BEAT_MS)

    def stop(self) -> None:
        self._timer.stop()


def waits_ms(times_s: Sequence[float], begin_s: float, end_s: float) -> list[float]:
    """What an event due at each millisecond between two moments would have waited for the event loop."""
    inside = [moment for moment in times_s if begin_s <= moment <= end_s]
    waits: list[float] = []
    for before, after in zip([begin_s, *inside], [*inside, end_s], strict=True):
        gap_ms = (after - before) * 1000
        waits += [gap_ms - past for past in range(0, max(1, int(gap_ms)), BEAT_MS)]
    return waits


class BareBeats:
    """The bare process, as long as it is wanted."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> list[float]:
        """End it; the times of its beats."""
        heard, _ = self._process.communicate()
        return [float(moment) for moment in json.loads(heard)]


def main() -> int:
    """Beat until standard input ends, then print the times."""
    app = QApplication(sys.argv[:1])
    window = QWidget()
    window.resize(400, 300)
    window.show()
    beats = Beats(window)

    def wait_for_the_end() -> None:
        sys.stdin.read()
        QTimer.singleShot(0, app, app.quit)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    app.exec()
    beats.stop()
    sys.stdout.write(json.dumps(beats.times_s))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

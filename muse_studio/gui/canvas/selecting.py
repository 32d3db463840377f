"""Marking out an area: by dragging a rectangle, an ellipse or a lasso, or by clicking the corners of a polygon.

Each has an outline while it is under way, in document pixels, and gives an area at its end. Knows nothing of events,
widgets or what becomes of the area.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from muse_studio.core.geometry import Extent, Point
from muse_studio.core.selection import Area, ellipse, ellipse_points, polygon, rectangle
from muse_studio.gui.canvas.gestures import Gesture, Keys
from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.canvas.view import View

LEAST_TRAVEL_PX = 3.0
"""Device pixels: a shorter drag was a slip, and leaves the mask as it is."""

LASSO_STEP_PX = 1.0
"""Device pixels between two points of a lasso."""

CLOSING_PX = 8.0
"""Logical pixels: a click so near the first corner closes a polygon, and so near the last one too (a double click)."""

Take = Callable[[Area], None]


class OutlineGesture(Gesture):
    """A drag that marks out an area: told to `take` when it is finished, unless it went nowhere."""

    def __init__(self, start: Point, extent: Extent, take: Take) -> None:
        self._start = self._end = start
        self._extent, self._take = extent, take
        self._travel_px = 0.0

    def outline(self) -> Sequence[Point]:
        raise NotImplementedError

    def area(self) -> Area:
        raise NotImplementedError

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        self._end = view.to_document(x, y)
        self._travel_px = max(self._travel_px, self._start.distance_to(self._end) * view.zoom)

    def finish(self) -> None:
        if self._travel_px >= LEAST_TRAVEL_PX:
            self._take(self.area())


class BoxGesture(OutlineGesture):
    """A rectangle or an ellipse. Shift makes it as high as wide; alt makes it grow from its middle.

    Keys that were held from the start chose how the area joins the mask: they count once they were let go.
    """

    def __init__(self, tool: Tool, start: Point, extent: Extent, keys: Keys, take: Take) -> None:
        super().__init__(start, extent, take)
        self._round = tool is Tool.ELLIPSE
        self._spent, self._keys = keys, Keys()

    def hold(self, keys: Keys) -> None:
        self._spent = Keys(self._spent.shift and keys.shift, self._spent.alt and keys.alt)
        self._keys = Keys(keys.shift and not self._spent.shift, keys.alt and not self._spent.alt)

    def corners(self) -> tuple[Point, Point]:
        across, down = self._end.x - self._start.x, self._end.y - self._start.y
        if self._keys.shift:
            side = max(abs(across), abs(down))
            across, down = (side if length >= 0 else -side for length in (across, down))
        end = Point(self._start.x + across, self._start.y + down)
        if self._keys.alt:
            return Point(self._start.x - across, self._start.y - down), end
        return self._start, end

    def outline(self) -> Sequence[Point]:
        first, second = self.corners()
        if self._round:
            return ellipse_points(first, second)
        return [first, Point(second.x, first.y), second, Point(first.x, second.y)]

    def area(self) -> Area:
        return (ellipse if self._round else rectangle)(*self.corners(), self._extent)


class LassoGesture(OutlineGesture):
    """A line drawn by hand; its ends are joined."""

    def __init__(self, start: Point, extent: Extent, take: Take) -> None:
        super().__init__(start, extent, take)
        self._points = [start]

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        super().move(x, y, pressure, view)
        if self._points[-1].distance_to(self._end) * view.zoom >= LASSO_STEP_PX:
            self._points.append(self._end)

    def outline(self) -> Sequence[Point]:
        return self._points

    def area(self) -> Area:
        return polygon(self._points, self._extent)


class Corners:
    """A polygon in the making, corner by corner. The view may be moved meanwhile."""

    def __init__(self, start: Point, take: Take) -> None:
        self.points = [start]
        self._take = take

    def add(self, point: Point, reach_px: float) -> bool:
        """One more corner; True if the polygon was closed instead. reach_px: CLOSING_PX in document pixels."""
        if (
            len(self.points) > 2
            and min(self.points[0].distance_to(point), self.points[-1].distance_to(point)) <= reach_px
        ):
            return True
        if self.points[-1].distance_to(point) > reach_px:
            self.points.append(point)
        return False

    def drop_last(self) -> bool:
        """Take one corner back; False if none is left."""
        self.points.pop()
        return bool(self.points)

    def close(self, extent: Extent) -> None:
        """Fewer than three corners enclose nothing, and leave the mask as it is."""
        if len(self.points) > 2:
            self._take(polygon(self.points, extent))

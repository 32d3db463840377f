"""What each tool does and which keys change it, in a sentence, for the status bar. Knows nothing of tools' workings."""

from __future__ import annotations

from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.language import noop, tr

_HINTS = {
    Tool.BRUSH: noop("Drag to paint the mask. Shift+click: straight line. Alt+drag: brush size. X: eraser."),
    Tool.ERASER: noop("Drag to take the mask away. Shift+click: straight line. Alt+drag: brush size. X: brush."),
    Tool.RECTANGLE: noop(
        "Drag a rectangle. Shift adds, Alt takes away. Shift while dragging: square. Alt: from the middle."
    ),
    Tool.ELLIPSE: noop(
        "Drag an ellipse. Shift adds, Alt takes away. Shift while dragging: circle. Alt: from the middle."
    ),
    Tool.LASSO: noop("Draw around what you want. Shift adds to the mask, Alt takes away, both keep the overlap."),
    Tool.POLYGON: noop("Click corner after corner. Enter or a double click closes, Backspace takes one back, Esc all."),
    Tool.WAND: noop("Click a colour to mask all that looks like it. Shift adds to the mask, Alt takes away."),
    Tool.FRAME: noop("Drag the square to choose what the model sees, over the edge to extend. Ctrl: no snapping."),
    Tool.PAN: noop("Drag to move the view. The wheel zooms at the pointer, with Shift it turns the view."),
    Tool.ZOOM: noop("Click to look closer, Alt+click to step back, or drag a box to fill the window with it."),
}


def tool_hint(tool: Tool) -> str:
    """In the language of the moment."""
    return tr(_HINTS[tool])

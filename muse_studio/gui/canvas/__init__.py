"""The canvas: the picture, the mask over it, and the tools that paint, pan and frame.

Knows a document and how to show and edit it. Knows nothing about jobs, prompts, files or the window around it.
"""

from __future__ import annotations

from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Tool

__all__ = ["AreaSettings", "BrushSettings", "Canvas", "MaskStyle", "PictureCache", "Tool"]

"""What each command does, in a sentence, for tooltips, the status bar and the command palette. Knows no keys."""

from __future__ import annotations

from muse_studio.gui.language import noop

TIPS = {
    "new": noop("Begin an empty document of any size"),
    "open": noop("Open a picture: PNG, JPEG or WebP"),
    "paste": noop("Open the picture that is in the clipboard"),
    "export": noop("Write what the frame holds as a PNG of 512 × 512 pixels, with its prompt and settings inside"),
    "save": noop("Write the whole picture at its full size as a PNG"),
    "quit": noop("Close the studio; unsaved work is asked about first"),
    "undo": noop("Take back the last stroke, change or result"),
    "redo": noop("Do again what was taken back"),
    "clear_mask": noop("Take the whole mask away; the picture stays as it is"),
    "invert_mask": noop("Mask what is free, and free what is masked"),
    "mask_all": noop("Mask the whole picture"),
    "fit": noop("Show the whole picture"),
    "actual_size": noop("Show each pixel of the picture as one pixel of the screen"),
    "zoom_in": noop("Show the picture larger"),
    "zoom_out": noop("Show the picture smaller"),
    "overlay": noop("Show or hide the mask; it stays in force while it is hidden"),
    "hide_panels": noop("Give the canvas the whole window, or bring the panels back"),
    "theme_system": noop("Light, dark or high contrast, as the system is set"),
    "theme_light": noop("Dark text on light grey"),
    "theme_dark": noop("Light text on dark grey"),
    "theme_high_contrast": noop("Black and white, with strong edges and focus rings"),
    "language_system": noop("The system's language, if the studio speaks it; else English"),
    "language_en": noop("All words in English"),
    "language_ja": noop("All words in Japanese"),
    "frame_reset": noop("Make the frame the largest square in the middle of the picture"),
    "generate": noop("Make what the button says: fill the mask, or a new picture"),
    "cancel": noop("Stop after this step; the picture stays as it was"),
    "roll_seed": noop("Draw another number to begin from, so that the next picture is another one"),
    "lock_seed": noop("Keep the number to begin from: the same settings give the same picture again"),
    "edit_prompt": noop("Go to the prompt and select its text"),
    "restart_worker": noop("End the process that holds the model and start it anew; your picture is safe"),
    "welcome": noop("Three things to try, pictures to begin with, and recent files"),
    "palette": noop("Find any command by a few of its letters, and do it"),
    "shortcuts": noop("See, search and change the keys of all commands"),
    "about": noop("Version, model, device and licences"),
    "brush": noop("Paint the mask: what is painted is made anew"),
    "eraser": noop("Take parts of the mask away"),
    "pan": noop("Move the view by dragging"),
    "frame": noop("Move and resize the square that the model sees"),
}
"""By the command's name; every command has one."""

"""How the window feels, measured: real events on the real window, side by side with bare Qt doing the same.

Run by `muse-studio bench` in a process of its own (`python -m muse_studio.gui.bench`), so that torch stays out of it.
Knows nothing about the model.
"""

"""Pixels, geometry, masks, documents, undo, requests, settings, limits and errors.

Knows nothing about torch, Qt, processes or the model: numpy, Pillow and the standard library only.
"""

"""The studio's window: canvas, tools, panels, and the job that joins them to the worker's client.

Knows nothing about torch or the model: a picture comes back from the client as bytes and numbers.
"""

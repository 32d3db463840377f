"""The studio's end of the worker: starts it, watches it, brings it back; a job is an async stream of steps.

Knows nothing of Qt, of torch or of the model: only asyncio, `ipc` and `core`.
"""

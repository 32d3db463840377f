"""The studio's end of the worker: starts it, watches it, brings it back, and gives each job as an async stream of steps.

Knows nothing of Qt, of torch or of the model: only asyncio, `ipc` and `core`.
"""

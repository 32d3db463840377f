"""The process that owns the model: one job at a time, every step told, cancellable between steps.

Knows nothing of documents, windows or the screen. Importing this package imports neither torch nor Qt.
"""

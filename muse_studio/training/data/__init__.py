"""The pictures the default model learns from: fetching, rendering, captioning and composing them.

Knows nothing of models, tokens or trainers: it turns public drawings and photographs into (picture, caption) pairs.
Importing this package needs numpy and Pillow only; rendering (`build`) also needs pyvips.
"""

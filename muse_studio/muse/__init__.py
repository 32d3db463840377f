"""The Muse cascade: tokenizers, transformers, text encoders, decoding and checkpoint folders.

Tensors in, tensors out. Knows nothing of pictures in files, documents, masks of an artist, processes, windows or the
command line, and imports nothing else of this program.
"""

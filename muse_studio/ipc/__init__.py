"""What crosses the border between the studio and its worker: frames of bytes, and one typed message per event.

Knows nothing of processes, pipes, event loops, Qt or torch: it turns values into bytes and back, and refuses the rest.
"""

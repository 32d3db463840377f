"""Other people's checkpoints, made to speak muse/. Knows nothing of processes, windows or the command line."""

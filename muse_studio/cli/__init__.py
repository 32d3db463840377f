"""The command line: the studio's jobs without a window. Knows nothing of Qt, nor of how a job is computed."""

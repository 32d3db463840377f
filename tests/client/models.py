"""Models of one stage for the fake client to play, of the sizes and defaults that published ones have."""

from __future__ import annotations

from muse_studio.ipc.messages import ModelInfo, Plan

AMUSED = ModelInfo(
    "amused-512", "openrail++", Plan(12, 19.0, 2.0), None, (512, 256), 32, None, Plan(12, 19.0, None), "taken"
)
MONETICO = ModelInfo("monetico", "apache-2.0", Plan(48, 8.0, 2.0), None, (512,), 32, None)
MEISSONIC = ModelInfo("meissonic", "apache-2.0", Plan(64, 8.0, 2.0), None, (1024,), 64, None)
OURS = ModelInfo("ours", "Apache-2.0", Plan(24, 3.0, 4.5), Plan(8, 2.0, 1.0), (512, 256), 16, 64, Plan(50, 0.5, None))

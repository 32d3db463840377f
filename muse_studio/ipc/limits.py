"""The limits of the protocol, with their units and reasons. Knows nothing else."""

from __future__ import annotations

HEADER_LIMIT_BYTES = 96 * 1024  # two prompts of 4,000 characters at four bytes each are 32 KB, eight LoRAs' paths 36
PAYLOAD_LIMIT_BYTES = 64 * 1024 * 1024  # the largest real payload, a picture of 1,024 px with its mask, is 4 MiB
ARRAY_SIDE_LIMIT = 16_384  # the side of the largest picture the program opens
NAME_LIMIT_CHARACTERS = 1_000  # names of models and devices, and what is being loaded
PATH_LIMIT_CHARACTERS = 8_000  # longer than any system's paths; four bytes each still fit in a header
MESSAGE_LIMIT_CHARACTERS = 2_000  # text for a person; what is longer is cut by the sender
DETAIL_LIMIT_CHARACTERS = 8_000  # text for the log, a traceback; its end is kept
HASH_CHARACTERS_LIMIT = 64  # a sha256 in hexadecimal
NOTES_LIMIT = 4  # of one result
OFFERS_LIMIT = 4  # of one error; there are three kinds
NUMBER_LIMIT = 2**53  # jobs and nonces: what every msgpack reader holds exactly
JOB_STEPS_LIMIT = 1_024  # two stages of at most 256 steps, and room for longer plans
SECONDS_LIMIT = 1e9  # thirty years; keeps infinities out

"""Every limit of the program, with its unit and its reason. Knows nothing else."""

from __future__ import annotations

# Pictures from outside. A decoder allocates what a header claims, so all of these are checked before any pixel.
PICTURE_LIMIT_BYTES = 200 * 1024 * 1024  # a 64 MP 16-bit PNG that hardly compresses still fits
PICTURE_SIDE_LIMIT_PX = 16_384  # WebP's own limit is 16,383; Qt's and most GPUs' textures end here too
PICTURE_LIMIT_PIXELS = 64 * 1024 * 1024  # 256 MiB as RGBA: the largest document that opens within 5 s
PICTURE_TEXT_LIMIT_BYTES = 1024 * 1024  # all text chunks of one PNG, decompressed; a prompt needs a few KiB
PICTURE_METADATA_LIMIT_BYTES = 16 * 1024 * 1024  # EXIF and ICC together; the largest camera profiles are 4 MiB
PICTURE_CHUNKS_LIMIT = 200_000  # of one PNG or WebP: 200 MB in the usual 8 KiB pieces are 25,600

# Project files. The archive's directory is parsed and its parts unfolded only within these.
PROJECT_LIMIT_BYTES = 2**32 - 1  # where a plain zip ends; only noise makes the layers that a document may hold so large
PROJECT_UNFOLDED_LIMIT_BYTES = 5 * 1024**3  # all parts together, unfolded; PNGs hardly unfold, so little above the file
PROJECT_PICTURE_LIMIT_BYTES = 320 * 1024 * 1024  # one layer: 64 megapixels of noise, as a PNG, are 257 MB
PROJECT_CACHE_LIMIT_BYTES = 768 * 1024 * 1024  # encoded layers kept, so that autosave encodes only what changed
PROJECT_ENTRIES_LIMIT = 65_000  # parts, where a plain zip ends: 16,000 variations and the files of 2,000 runs fit
PROJECT_ENTRY_LIMIT_BYTES = 1_024  # of the directory, for each part: a name and 46 bytes
PROJECT_PLACE_LIMIT_PX = 2**30  # from the canvas to a layer or frame; Photoshop's and OpenRaster's numbers end near it
PROJECT_JSON_LIMIT_BYTES = 64 * 1024 * 1024  # tokens are 3 KB of a plain variation, 13 of noise: 5,000 at the least
PROJECT_XML_LIMIT_BYTES = 4 * 1024 * 1024  # a layer's line is about 200 bytes
PROJECT_THUMBNAIL_SIDE_PX = 256  # the OpenRaster specification's

PSD_LIMIT_BYTES = 2**31 - 1  # the format's own; larger ones are another format that few programs read

# Recovery.
RECOVERY_QUIET_S = 2.0  # a pause in the work is when writing disturbs least
RECOVERY_WAIT_S = 15.0  # without a pause; with the time that writing takes, no more than 30 s of work can be lost
RECOVERY_OFFERED_LIMIT = 50  # files offered at a start; more is a folder that nobody has looked at for months
RECOVERY_STALE_S = 24 * 3600.0  # half-written files of this age were left by a crash

# What the model sees.
FRAME_SIDE_PX = 512  # the super-resolution stage's picture
BASE_SIDE_PX = 256  # the base stage's picture
LARGE_SIDE_PX = 1024  # the largest published cascade's picture
FRAME_SIDE_LEAST_PX = 64  # a smaller frame shows the model a handful of smeared pixels
SEED_LIMIT = 2**32  # seeds are unsigned 32-bit so that every random generator takes them
VARIATIONS_LIMIT = 16  # pictures of one request: a wall of thumbnails, and the memory of one batch
TOKEN_GRID_LIMIT = 256  # tokens a side: a 2,048 px picture at 8 px a token
TOKEN_LIMIT = 2**18 - 1  # the largest codebook that a configuration may have

# Prompts.
PROMPT_LIMIT_CHARACTERS = 4_000  # some ten times what any text encoder reads; longer text is a pasted accident

# Plans. Far above useful values, low enough that a typing error cannot ask for a week of work.
STEPS_LIMIT = 256  # one step per base token is the most that can differ
GUIDANCE_LIMIT = 30.0  # the paper's t; 16 already saturates every colour
TEMPERATURE_LIMIT = 10.0  # above this the order of tokens is pure noise

# LoRAs.
LORAS_LIMIT = 8  # at once; beyond a few they spoil each other, and every one costs memory
LORA_STRENGTH_LIMIT = 10.0  # of either sign; beyond it every known LoRA gives noise
LORA_NAME_LIMIT_CHARACTERS = 120  # one line of a list, as of runs
LORA_PATH_LIMIT_CHARACTERS = 1_000  # eight of them beside two prompts fit into one message to the worker
LORA_FILES_LIMIT = 64  # files that the studio remembers; a longer menu is no help

# The brush.
BRUSH_LEAST_PX = 1.0  # thinner cannot be seen; a token cell is 8 px anyway
BRUSH_LIMIT_PX = 2_000.0  # covers a frame four times over, and one dab stays below 4 MP

# Undo.
HISTORY_LIMIT_BYTES = 1024 * 1024 * 1024  # tiles kept for undo; a stroke is about 35 KB, a pasted frame 1 MB
HISTORY_LIMIT_ITEMS = 10_000  # bounds the bookkeeping when every item is tiny

# Runs: every step of every decode of a document.
RUN_PICTURES_LIMIT_BYTES = 192 * 1024 * 1024  # previews, the oldest go first; 32 steps of one picture are some 2 MB
RUNS_LIMIT_BYTES = 512 * 1024 * 1024  # all that runs keep; tokens of 32 steps are 0.25 MB, a request's pixels 1 MB
RUNS_LIMIT = 2_000  # bounds the bookkeeping; a busy day makes some hundreds
RUN_STEPS_LIMIT = 2 * STEPS_LIMIT  # of one variation: both stages
RUN_NAME_LIMIT_CHARACTERS = 120  # one line of a list of runs
RUNS_JSON_LIMIT_BYTES = 64 * 1024 * 1024  # 100 bytes for each of 64 steps of 4 variations of 2,000 runs
STEP_PICTURE_LIMIT_BYTES = 4 * 1024 * 1024  # one preview or thumbnail in a file; 1,024 px of noise are 3.2 MB

# Layers. A file from a stranger names them, so their number and their memory are checked before any pixel.
LAYERS_LIMIT = 1_000  # a list that long has no use; Krita and Photoshop get slow far below
LAYERS_LIMIT_BYTES = 4 * 1024 * 1024 * 1024  # all pixels of all layers: sixteen of the largest documents
LAYER_NAME_LIMIT_CHARACTERS = 200  # one line of a panel, with room for a long prompt
FRAME_SEEN_SHARE = 8  # an eighth of the frame's side stays on the document: beyond, the model would see next to nothing

# Wishes.
WISHES_MERGE_S = 1.5  # typing pauses shorter than this belong to one undo step

# Settings.
SETTINGS_LIMIT_BYTES = 256 * 1024  # our own file is below 8 KiB; a larger one is not ours
PROMPT_HISTORY_LIMIT = 100  # earlier prompts: more than anyone scrolls through
PROMPT_HISTORY_LIMIT_CHARACTERS = 16_000  # of all of them: 96 KB of settings at worst, as six bytes a character
PRESETS_LIMIT = 40  # of a person's own; a longer menu is no help
RECENT_FILES_LIMIT = 12  # as many as a menu shows without scrolling
SHORTCUTS_LIMIT = 1_000  # commands with chosen keys; the program has some hundred
SHORTCUT_KEYS_LIMIT = 4  # of one command: more than any has

# The history of finished pictures, and the shelf of cascades.
GALLERY_LIMIT_BYTES = 8 * 1024**3  # some 20,000 pictures of 512 px; the oldest without a star go beyond it
GALLERY_TELL_SHARE = 0.9  # of the limit: told here, so that there is time to star what shall stay
GALLERY_FILES_LIMIT = 100_000  # far beyond the bytes above; a folder with more is somebody else's
GALLERY_INDEX_LIMIT_BYTES = 64 * 1024**2  # 20,000 entries take 8 MB; more is not ours
THUMBNAIL_SIDE_PX = 224  # a cell of 112 px on a screen of 200 %; about 6 KB as a file
THUMBNAIL_LIMIT_BYTES = 256 * 1024  # our own are below 30 KB
CASCADE_JSON_LIMIT_BYTES = 1024**2  # ours is 4 KB; the model's own reader has the same limit
CASCADE_FILES_LIMIT = 64  # of one folder; ours has nine
MODEL_CARD_LIMIT_BYTES = 256 * 1024  # a card is a page or two; ours is 7 KB
WEIGHTS_HEADER_LIMIT_BYTES = 512 * 1024  # the names and shapes in a safetensors file; 1,500 take 200 KB, 0.1 s
SHELF_LIMIT = 64  # folders that the list of cascades remembers

# Fetching published cascades.
DOWNLOAD_FILE_LIMIT_BYTES = 64 * 1024**3  # one file; the largest known is 4 GB
DOWNLOAD_SPARE_BYTES = 256 * 1024**2  # left free on the disk beyond the download, for the artist's own work
DOWNLOAD_CONNECT_S = 15.0  # to reach the server; a slow satellite link takes two
DOWNLOAD_READ_S = 30.0  # without a byte: the connection is dead, and is made again from there
DOWNLOAD_TRIES_LIMIT = 5  # connections in a row that bring nothing new, before it is given up
DOWNLOAD_WAIT_S = 2.0  # before the second of them; doubled before each further one: 30 s in all

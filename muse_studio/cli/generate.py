"""`muse-studio generate`: a picture from a prompt. Knows nothing of the model, nor of a document."""

from __future__ import annotations

import argparse

from muse_studio.cli.jobs import compute
from muse_studio.cli.options import add_branch_options, add_job_options, check_output, request_from, take_up
from muse_studio.cli.outputs import Finished, write_all
from muse_studio.cli.progress import speaker
from muse_studio.core.request import Mode


def add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what the picture should show")
    add_job_options(parser)
    add_branch_options(parser)
    parser.set_defaults(run=generate)


def generate(options: argparse.Namespace) -> int:
    """Write the picture with its prompt and settings inside. 0; MuseStudioError otherwise."""
    check_output(options.output)
    tokens = take_up(options, under_mask=False)
    request, notices = request_from(options, Mode.CONTINUE if tokens else Mode.GENERATE, tokens=tokens)
    speak = speaker(options.json)
    for notice in notices:
        speak.notice(notice)
    outcomes = compute(options, request, speak)
    pictures = [Finished(outcome, outcome.picture, outcome.tokens) for outcome in outcomes]
    speak.finished(write_all(options.output, request, pictures))
    return 0

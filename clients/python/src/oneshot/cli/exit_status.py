"""The command's exit status: the program's own wherever it has one."""

from __future__ import annotations

import signal

from oneshot.errors import DeadlineExceeded, InvalidRequest, NotAllowed, OneshotError, ServerFault, UnreadableAnswer
from oneshot.models import Run

USAGE = 64  # from here to NOT_ALLOWED as in sysexits.h
REFUSED = 65
UNAVAILABLE = 69
FAULT = 70
NOT_ENDED = 75
NOT_ALLOWED = 77
TIMED_OUT = 124  # as timeout(1)
BY_SIGNAL = 128  # and its number, as a shell tells it

EXPLANATION = f"""exit status:
  that of the program, or {BY_SIGNAL} and the number of the signal that ended it; and where it has none:
  {USAGE}   the command line is wrong, or a file cannot be read or written
  {REFUSED}   the site refused the submission
  {UNAVAILABLE}   the site cannot be reached or has no room
  {FAULT}   the site could not execute the run, or its answer is not one
  {NOT_ENDED}   the run had not ended after --timeout, and was cancelled
  {NOT_ALLOWED}   the key is missing, unknown or not good for this
  {TIMED_OUT}  the run exceeded its limit of time
  {BY_SIGNAL + signal.SIGINT}  the run was cancelled
  {BY_SIGNAL + signal.SIGKILL}  the run exceeded its limit of memory"""


def of_run(run: Run) -> int:
    if run.status == "timed_out":
        return TIMED_OUT
    if run.status == "out_of_memory":
        return BY_SIGNAL + signal.SIGKILL
    if run.status == "cancelled":
        return BY_SIGNAL + signal.SIGINT
    if run.status == "error":
        return FAULT
    if run.exit_code is not None:
        return run.exit_code
    return BY_SIGNAL + run.signal if run.signal is not None else 1


def of_error(error: OneshotError) -> int:
    if isinstance(error, DeadlineExceeded) and error.run_id:
        return NOT_ENDED
    if isinstance(error, NotAllowed):
        return NOT_ALLOWED
    if isinstance(error, InvalidRequest):
        return REFUSED
    return FAULT if isinstance(error, (ServerFault, UnreadableAnswer)) else UNAVAILABLE

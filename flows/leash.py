"""Ties a process to its parent: whoever starts a child through here leaves no orphan.

``python -m flows.leash PARENT_PID COMMAND …`` asks the kernel to end this process when
the parent's starting thread ends, undoes inherited signal settings (a worker started from
a background shell inherits an ignored SIGINT and then never stops: orchestration.md 3),
and becomes the command.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def tie_to_parent(parent: int | None = None) -> None:
    """End this process with SIGKILL when its parent ends, however that happens.

    SIGKILL, because everything below is made to survive it and nothing else is certain.
    Only Linux can do this; elsewhere the lease in our database is the guard.

    Args:
        parent: process id the caller expects; exits at once if it is gone already.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def _default_signals() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def main() -> None:
    """Entry point of ``python -m flows.leash``."""
    parent, *command = sys.argv[1:]
    tie_to_parent(int(parent))
    _default_signals()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()

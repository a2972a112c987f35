"""The CPU time of a server: all processes of its group, from Linux's own clocks of them.

Only what the server's processes did is in it, so that it holds on a busy machine: neither the load, nor a database or
an AWS in other processes.
"""

from __future__ import annotations

import time

from benchmarks.processes import of_group


def seconds(group: int) -> float:
    """User and system time of the processes that a group has now, in all of their threads, ended ones too.

    The group's processes must be the same at both ends of what is measured: what one had that has ended is gone.
    """
    return sum(_seconds(pid) for pid in of_group(group))


def _seconds(pid: int) -> float:
    try:
        return time.clock_gettime(_clock(pid))
    except OSError:  # it has ended
        return 0.0


def _clock(pid: int) -> int:
    """The clock of a process's CPU time, to the nanosecond, where `/proc` counts hundredths of a second: what
    `clock_getcpuclockid(3)` gives, which Python has for threads only. CPUCLOCK_SCHED of Linux's posix-timers is 2."""
    return ~pid << 3 | 2

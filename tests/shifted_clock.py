"""A wall clock that a test moves while processes run: for them, and for nobody else, it is an hour later or earlier.

In: a folder. Out: the environment for the processes, and `shift(seconds)`, which all of them notice at once. Where
there is a C compiler, the clock is moved beneath all libraries of the process, by a preloaded one; elsewhere beneath
Python's `time.time` and `time.time_ns` alone. Monotonic clocks go on as they are, as they do when somebody sets the
time.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

FILE = "SHIFTED_CLOCK_FILE"
COMPILES_WITHIN = 60.0

_PRELOADED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long long nothing = 0;
static const volatile long long *shift = &nothing;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("SHIFTED_CLOCK_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *found = mmap(0, sizeof(long long), PROT_READ, MAP_SHARED, file, 0);
  if (found != MAP_FAILED) shift = found;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!real_clock_gettime) real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_clock_gettime(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *shift;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  if (!real_gettimeofday) real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
  int result = real_gettimeofday(now, zone);
  if (result == 0) now->tv_sec += *shift;
  return result;
}

time_t time(time_t *told) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (told) *told = now.tv_sec;
  return now.tv_sec;
}
"""

_IN_PYTHON = '''
"""Loaded by every Python process that has this folder on its path."""
import mmap, os, struct, time

with open(os.environ["SHIFTED_CLOCK_FILE"], "rb") as file:
    _shift = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + struct.unpack("=q", _shift[:8])[0]
time.time_ns = lambda: _time_ns() + struct.unpack("=q", _shift[:8])[0] * 1_000_000_000
'''


class ShiftedClock:
    """The clock of processes that are started with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "shift"
        self._file.write_bytes(bytes(8))
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        self.how = "beneath every library" if compiler else "in Python alone"
        if compiler:
            self.environment = {FILE: str(self._file), "LD_PRELOAD": str(_compiled(compiler, folder))}
        else:
            (folder / "sitecustomize.py").write_text(_IN_PYTHON)
            path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
            self.environment = {FILE: str(self._file), "PYTHONPATH": path}

    def shift(self, seconds: int) -> None:
        """From now on the clock is so far ahead of the machine's, or behind it."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))

    def told(self) -> float:
        """What a process with this clock says the time is, in seconds since the epoch."""
        asked = subprocess.run(
            [sys.executable, "-c", "import time; print(time.time())"],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=COMPILES_WITHIN,
        )
        return float(asked.stdout)


def _compiled(compiler: str, folder: Path) -> Path:
    source, library = folder / "shifted_clock.c", folder / "shifted_clock.so"
    source.write_text(_PRELOADED)
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, timeout=COMPILES_WITHIN)
    return library

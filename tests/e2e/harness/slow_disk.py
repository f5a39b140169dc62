"""A disk that is slow on demand, by a library that is loaded before the C library."""

import pathlib
import subprocess

from harness.process import KNOWN

# Sleeps while the file SWITCH-sync or SWITCH-write is there, and notes each sync that it held up.
SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int is_on(const char *what) {
  char path[4096];
  snprintf(path, sizeof path, "%s-%s", SWITCH, what);
  return access(path, F_OK) == 0;
}

static void hold_up(const char *what, long ms) {
  if (!is_on(what)) return;
  char path[4096];
  snprintf(path, sizeof path, "%s-%s-held", SWITCH, what);
  const int note = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (note >= 0) {
    if (write(note, "x", 1) != 1) perror("write");
    close(note);
  }
  const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

int fdatasync(int fd) {
  hold_up("sync", 1500);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

int fsync(int fd) {
  hold_up("sync", 1500);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  hold_up("write", 500);
  ssize_t (*next)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
  return next(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
"""


class SlowDisk:
    """`env` is for the service; `slow` begins and `quick` ends to hold up "sync" or "write"."""

    def __init__(self, folder):
        self.switch = pathlib.Path(folder) / "disk"
        source = folder / "slow_disk.c"
        library = folder / "slow_disk.so"
        source.write_text(f'#define SWITCH "{self.switch}"\n{SOURCE}')
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        # A sanitizer's library wants to come first, but needs it only for what this does not define.
        self.env = {"LD_PRELOAD": library,
                    "ASAN_OPTIONS": KNOWN["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}

    def slow(self, what):
        pathlib.Path(f"{self.switch}-{what}").touch()

    def quick(self, what):
        pathlib.Path(f"{self.switch}-{what}").unlink()

    def held(self, what):
        """How often it has been held up."""
        path = pathlib.Path(f"{self.switch}-{what}-held")
        return path.stat().st_size if path.exists() else 0

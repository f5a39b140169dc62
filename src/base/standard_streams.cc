#include "base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace holysheep {
// Only functions that need no memory and no stream are used before the streams
// are known to be open.

void HoldStandardStreams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // Opened the wrong way round, so that using it fails; with the lowest
    // number that is free, which is this one.
    const int wrong_way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    static_cast<void>(open("/dev/null", wrong_way));
  }
}

bool IsOutputWritten() {
  // Both are needed: an earlier failure is remembered only by ferror.
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace holysheep

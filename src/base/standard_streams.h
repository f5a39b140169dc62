#pragma once

namespace holysheep {

// Opens /dev/null in place of each standard stream that is closed. Otherwise
// the next file or socket would get the stream's number, and with it all that
// is printed. Printing to a stream that was closed still fails. Call this first
// in main.
void HoldStandardStreams();

// Returns whether all that was printed to standard output, with <cstdio> or
// std::cout, could be written. Flushes what is still buffered. Call it at the
// end of a run whose result is its output; a full disk then becomes a failed
// run.
bool IsOutputWritten();

}  // namespace holysheep

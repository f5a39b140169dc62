#pragma once

namespace holysheep {

// Puts something in the place of each standard stream that is closed: else its
// number would go to the next file or socket, and all that is printed with it.
// What is printed to a closed stream still fails. First in main.
void HoldStandardStreams();

// Whether all that was printed to standard output, with <cstdio> or std::cout,
// could be written; what is still buffered is written now.
bool IsOutputWritten();

}  // namespace holysheep

#pragma once

#include <cstdio>
#include <istream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace holysheep::cli {

// A temporary file without a name, which only this process can read and which
// is gone when it ends. A value; one thread.
class TemporaryFile {
 public:
  // UNAVAILABLE with the system's words if there is no room for one.
  static absl::StatusOr<TemporaryFile> Create();

  // A path that opens the file from its beginning, as long as this lives.
  std::string path() const;
  // Copies `in` to its end, as much as the disk holds. UNAVAILABLE if it does
  // not fit, or if `in` breaks off.
  absl::Status Fill(std::istream& in);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace holysheep::cli

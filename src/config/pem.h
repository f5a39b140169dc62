#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "config/file.h"
#include "config/section_reader.h"

namespace holysheep::config {

// Reads the path that `key` gives into `path`, and the file there, of at most 1
// MiB. Returns an empty text if there is no path, or if the file cannot be
// read, which becomes a problem of `fields`. An empty file is a problem as
// well.
FileContents ReadPem(Fields& fields, absl::string_view key, std::string& path);

// Whether `pem` holds certificates; if not, adds a problem with `key` to
// `fields`. An empty text returns false without a problem, because ReadPem has
// added one if necessary.
bool CheckPem(Fields& fields, absl::string_view key, const FileContents& pem);

}  // namespace holysheep::config

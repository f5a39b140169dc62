#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "config/file.h"
#include "config/section_reader.h"

namespace holysheep::config {

// Reads the path that `key` gives, and the file there, of at most 1 MiB. Empty
// if there is no path, or, which is told, nothing that can be read.
FileContents ReadPem(Fields& fields, absl::string_view key, std::string& path);

// Whether they are certificates, else it is told. What is empty is told
// already.
bool CheckPem(Fields& fields, absl::string_view key, const FileContents& pem);

}  // namespace holysheep::config

#include "config/pem.h"

#include <utility>

#include "config/certificate.h"

namespace holysheep::config {
namespace {

// A bundle of all public authorities has a few hundred KiB.
constexpr size_t kMaxPemBytes = 1 << 20;

}  // namespace

FileContents ReadPem(Fields& fields, absl::string_view key, std::string& path) {
  if (!fields.Read(key, path, Text()) || path.empty()) return {};
  absl::StatusOr<FileContents> file = ReadFile(path, kMaxPemBytes);
  if (file.ok() && !file->text.empty()) return *std::move(file);
  fields.Fail(key, file.ok() ? "the file is empty" : file.status().message());
  return {};
}

bool CheckPem(Fields& fields, absl::string_view key, const FileContents& pem) {
  if (pem.text.empty()) return false;
  const absl::Status good = CheckCertificates(pem.text);
  if (!good.ok()) fields.Fail(key, good.message());
  return good.ok();
}

}  // namespace holysheep::config

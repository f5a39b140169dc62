#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rapidjson/document.h"

namespace holysheep::sim {

// Returns `text` as a JSON string with its quotes.
std::string JsonQuote(absl::string_view text);

// Returns INVALID_ARGUMENT if `text` is not JSON.
absl::StatusOr<rapidjson::Document> ParseJson(absl::string_view text);

// Reads the members of one JSON object into variables. An absent member leaves
// its variable unchanged. Remembers the first error with the path of the
// member; a member that was never asked for is an error too.
class ObjectReader {
 public:
  // The largest number and the longest time that are accepted.
  static constexpr int kMaxCount = 1'000'000;
  static constexpr absl::Duration kMaxTime = absl::Hours(1);

  // `value` must outlive the reader.
  ObjectReader(const rapidjson::Value& value, absl::string_view path);

  void Read(const char* name, std::string& out);
  void Read(const char* name, bool& out);
  // -1 to kMaxCount.
  void Read(const char* name, int& out);
  void Read(const char* name, double& out);
  // In milliseconds.
  void Read(const char* name, absl::Duration& out);
  void Read(const char* name, std::vector<std::string>& out);

  // Returns the member, or null if it is absent. A JSON null counts as present.
  const rapidjson::Value* Take(const char* name);

  // The path of a member, such as `faults[2].after`.
  std::string PathOf(absl::string_view name) const;
  void Fail(absl::string_view name, absl::string_view message);
  // Keeps `status` if it is the first error.
  void Update(const absl::Status& status);

  // Returns the first error. Call it last.
  absl::Status Finish();

 private:
  const rapidjson::Value& value_;
  const std::string path_;
  std::vector<absl::string_view> known_;
  absl::Status status_;
};

}  // namespace holysheep::sim

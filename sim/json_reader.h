#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rapidjson/document.h"

namespace holysheep::sim {

// `text` as a JSON string, with its quotes.
std::string JsonQuote(absl::string_view text);

absl::StatusOr<rapidjson::Document> ParseJson(absl::string_view text);

// Reads the members of one JSON object into variables. A member that is absent
// leaves its variable as it is. The first mistake is remembered, with the path
// of the member; so is a member that nobody asked for.
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

  // The member itself; null if it is absent. null counts as present.
  const rapidjson::Value* Take(const char* name);

  // The path of a member, such as `faults[2].after`.
  std::string PathOf(absl::string_view name) const;
  void Fail(absl::string_view name, absl::string_view message);
  // Keeps `status` as the first mistake, if it is one.
  void Update(const absl::Status& status);

  // Call last.
  absl::Status Finish();

 private:
  const rapidjson::Value& value_;
  const std::string path_;
  std::vector<absl::string_view> known_;
  absl::Status status_;
};

}  // namespace holysheep::sim

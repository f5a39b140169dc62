#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/validation.h"
#include "policy/catalog.h"

// The parts of ValidateRequest. Every check returns OK or an InvalidField.
// Pure.
namespace holysheep {

// What the checks look at. All references must outlive the check.
struct ValidationContext {
  const pb::InvokeRequest& request;
  const Catalog& catalog;
  const RequestLimits& limits;
  // Null for a model outside the catalog.
  const ModelInfo* model;
};

// The path of a field in the request. Refers to its parent, which must outlive
// it, and becomes text only in a refusal, so that a valid request pays nothing.
class FieldPath {
 public:
  // `index` is the position in a repeated field; -1 for none.
  explicit FieldPath(absl::string_view name, int index = -1)
      : name_(name), index_(index) {}
  FieldPath(const FieldPath& parent, absl::string_view name, int index = -1)
      : parent_(&parent), name_(name), index_(index) {}

  // Such as `messages[2].parts[0].image`.
  std::string ToString() const;

 private:
  const FieldPath* parent_ = nullptr;
  absl::string_view name_;
  int index_;
};

// Each is in a validation_*.cc of its own.
absl::Status CheckMessages(const ValidationContext& context);
absl::Status CheckMedium(const FieldPath& path, const pb::Part& part);
absl::Status CheckOpaque(const FieldPath& path, absl::string_view json);
absl::Status CheckSampling(const ValidationContext& context);
absl::Status CheckTools(const ValidationContext& context);
absl::Status CheckFormat(const ValidationContext& context);
absl::Status CheckDelivery(const ValidationContext& context);

// INVALID_ARGUMENT with the field; `message` follows its path, as in `must not
// be blank`.
absl::Status Refuse(const FieldPath& path, absl::string_view message);

// Shortens a text of the request, so that it can be part of a message. At most
// 64 bytes, quoted and escaped. Never used for prompts, URLs and data.
std::string Shown(absl::string_view text);

// NaN is in no range.
template <typename Number>
absl::Status CheckRange(const FieldPath& path, Number value, Number min,
                        Number max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Refuse(path,
                absl::StrCat("must be ", min, " to ", max, ", is ", value));
}

// Bounds are included, here and below; their values appear in the message.
absl::Status CheckAtLeast(int64_t least, const FieldPath& path, int64_t value);
absl::Status CheckCount(const FieldPath& path, int count, int max);
absl::Status CheckNotBlank(const FieldPath& path, absl::string_view text);
absl::Status CheckLength(const FieldPath& path, absl::string_view text,
                         size_t max_bytes);
// Accepts 1 to 64 characters of A-Z a-z 0-9 _ -.
absl::Status CheckName(const FieldPath& path, absl::string_view name);
// An empty text is accepted, any other must be one of `words`.
absl::Status CheckOneOf(const FieldPath& path, absl::string_view text,
                        std::initializer_list<absl::string_view> words);
// An empty text is accepted, any other must be a JSON object.
absl::Status CheckObject(const FieldPath& path, absl::string_view json);

// The bound on texts that only name something: a participant, a file or an app.
inline constexpr size_t kMaxLabelBytes = 256;

}  // namespace holysheep

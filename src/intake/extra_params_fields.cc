#include "intake/extra_params_fields.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params_values.h"
#include "rapidjson/document.h"

namespace holysheep {
namespace {

// Sets an optional field to a number in its range.
template <typename Number, auto kIsSet, auto kSet>
absl::Status TakeNumber(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if ((request.*kIsSet)()) return SetTwice();
  Number number;
  if constexpr (std::is_same_v<Number, double>) {
    if (!absl::SimpleAtod(json, &number)) {
      return MustBe("a number");
    }
  } else if (!absl::SimpleAtoi(json, &number)) {
    return MustBe(absl::StrCat("a whole number of at most ",
                               std::numeric_limits<Number>::max()));
  }
  (request.*kSet)(number);
  return absl::OkStatus();
}

absl::Status TakeParallelCalls(absl::string_view json,
                               pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if (request.has_parallel_tool_calls()) return SetTwice();
  const std::optional<bool> value = BoolOf(json);
  if (!value.has_value()) return MustBe("true or false");
  request.set_parallel_tool_calls(*value);
  return absl::OkStatus();
}

absl::Status TakeUser(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if (!request.user().empty()) return SetTwice();
  std::optional<std::string> user = TextOf(json);
  if (!user.has_value()) return MustBe("a text");
  request.set_user(*std::move(user));
  return absl::OkStatus();
}

absl::Status TakeStop(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if (!request.stop().empty()) return SetTwice();
  if (std::optional<std::string> one = TextOf(json)) {
    request.add_stop(*std::move(one));
    return absl::OkStatus();
  }
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (!document.IsArray()) return MustBe("a text or an array of texts");
  for (const auto& stop : document.GetArray()) {
    if (!stop.IsString()) return MustBe("a text or an array of texts");
    request.add_stop(stop.GetString(), stop.GetStringLength());
  }
  return absl::OkStatus();
}

// A member and the function that sets its field; two members may share a field,
// and then only one of them may be set.
struct Field {
  absl::string_view member;
  TakeMember take;
};

using Request = pb::InvokeRequest;
constexpr Field kFields[] = {
    {"temperature",
     TakeNumber<double, &Request::has_temperature, &Request::set_temperature>},
    {"top_p", TakeNumber<double, &Request::has_top_p, &Request::set_top_p>},
    {"max_tokens",
     TakeNumber<int32_t, &Request::has_max_tokens, &Request::set_max_tokens>},
    {"max_completion_tokens",
     TakeNumber<int32_t, &Request::has_max_tokens, &Request::set_max_tokens>},
    {"top_k", TakeNumber<int32_t, &Request::has_top_k, &Request::set_top_k>},
    {"presence_penalty", TakeNumber<double, &Request::has_presence_penalty,
                                    &Request::set_presence_penalty>},
    {"frequency_penalty", TakeNumber<double, &Request::has_frequency_penalty,
                                     &Request::set_frequency_penalty>},
    {"seed", TakeNumber<int64_t, &Request::has_seed, &Request::set_seed>},
    {"stop", TakeStop},
    {"tool_choice", TakeToolChoice},
    {"parallel_tool_calls", TakeParallelCalls},
    {"response_format", TakeResponseFormat},
    {"reasoning", TakeReasoning},
    {"reasoning_effort", TakeEffort},
    {"thinking", TakeThinking},
    {"user", TakeUser}};

}  // namespace

TakeMember FieldOfMember(absl::string_view folded_name) {
  for (const Field& field : kFields) {
    if (field.member == folded_name) return field.take;
  }
  return nullptr;
}

}  // namespace holysheep

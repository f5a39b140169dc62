#include "policy/wire_families.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

using W = ModelWire;
using MaxTokens = W::MaxTokens;
using Sampling = W::Sampling;
using Reasoning = W::Reasoning;

struct Version {
  int major = 0;
  int minor = 0;
};

bool IsBefore(const Version& a, const Version& b) {
  return std::tie(a.major, a.minor) < std::tie(b.major, b.minor);
}

// One family, or a part of it.
struct Family {
  // What the name begins with.
  absl::string_view name;
  ModelWire wire;
  // A word that the rest of the name must hold; empty for any name.
  absl::string_view word = "";
  // The first version that belongs to it. A name without a version has 0.
  Version from = {};
};

constexpr W Plain(Reasoning reasoning) { return W{.reasoning = reasoning}; }

// Reasoning models of OpenAI: 400 for `max_tokens`, for `top_p` and for a
// temperature other than 1.
constexpr W kOpenAiReasons = {.max_tokens = MaxTokens::kMaxCompletionTokens,
                              .temperature = Sampling::kFixed,
                              .top_p = Sampling::kOmit,
                              .reasoning = Reasoning::kEffort};
constexpr W kOpenAiChats = {.max_tokens = MaxTokens::kMaxCompletionTokens,
                            .reasoning = Reasoning::kNone};
constexpr W kOpenAiSearches = {.temperature = Sampling::kOmit,
                               .top_p = Sampling::kOmit,
                               .reasoning = Reasoning::kNone};

// Claude 4 takes one of temperature and top_p. Since 4.7 it takes neither, and
// refuses thinking that has a budget.
constexpr W kClaude4 = {.exclusive = true, .reasoning = Reasoning::kThinking};
constexpr W kClaudeAdapts = {.temperature = Sampling::kOmit,
                             .top_p = Sampling::kOmit,
                             .reasoning = Reasoning::kEffort};

// Mistral refuses the default top_p together with the temperature 0.
constexpr W kMistral = {.exclusive = true, .reasoning = Reasoning::kEffort};

constexpr W kKimiThinks = {.temperature = Sampling::kFixed,
                           .top_p = Sampling::kOmit,
                           .reasoning = Reasoning::kThinking};
constexpr W kKimi3 = kOpenAiReasons;

constexpr W kIgnoresSampling = {.temperature = Sampling::kOmit,
                                .top_p = Sampling::kOmit};
constexpr W kTags = {.think_tags = true};
constexpr W kQwen3 = {.reasoning = Reasoning::kEnableThinking,
                      .think_tags = true};

// The first row that fits counts, so the special ones precede the general.
// DeepSeek, GLM since 5.2 and MiniMax know both an effort and `thinking`, for
// which `reasoning` stays unset.
constexpr Family kFamilies[] = {
    {"claude", kClaudeAdapts, "", {4, 7}},
    {"claude", kClaude4, "", {4, 0}},
    {"claude", Plain(Reasoning::kThinking)},
    {"gpt-oss", Plain(Reasoning::kEffort)},
    {"gpt-35", Plain(Reasoning::kNone)},
    {"gpt-", kOpenAiChats, "-chat", {5, 0}},
    {"gpt-", kOpenAiSearches, "-search"},
    {"gpt-", kOpenAiReasons, "", {5, 0}},
    {"gpt-", Plain(Reasoning::kNone)},
    {"chatgpt-", Plain(Reasoning::kNone)},
    {"codex-mini", kOpenAiReasons},
    {"o", kOpenAiReasons, "", {1, 0}},
    {"gemini", Plain(Reasoning::kEffort)},
    {"gemma", Plain(Reasoning::kNone)},
    {"deepseek-reasoner", kIgnoresSampling},
    {"deepseek-r1", kTags},
    {"deepseek", W{}},
    {"qwq", kTags},
    {"qwen3", kQwen3},
    {"qwen2", Plain(Reasoning::kNone)},
    {"qwen", Plain(Reasoning::kEnableThinking)},
    {"mistral", kMistral},
    {"ministral", kMistral},
    {"magistral", kMistral},
    {"codestral", kMistral},
    {"devstral", kMistral},
    {"pixtral", kMistral},
    {"open-mi", kMistral},
    {"mixtral", kMistral},
    {"moonshot", Plain(Reasoning::kNone)},
    {"kimi-k", kKimi3, "", {3, 0}},
    {"kimi-k", kKimiThinks, "", {2, 5}},
    {"kimi", Plain(Reasoning::kThinking)},
    {"glm-", W{}, "", {5, 2}},
    {"glm-", Plain(Reasoning::kThinking)},
    {"grok-4.20", Plain(Reasoning::kNone)},
    {"grok-4-20", Plain(Reasoning::kNone)},
    {"grok-3-mini", Plain(Reasoning::kEffort)},
    {"grok", Plain(Reasoning::kEffort), "", {4, 3}},
    {"grok", Plain(Reasoning::kNone)},
    {"llama", Plain(Reasoning::kNone)},
    {"minimax-m", kTags},
};

// The number at the start of `text`, which is removed. More than two digits are
// a date.
bool TakeNumber(absl::string_view& text, int& number) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
  const bool good = (digits == 1 || digits == 2) &&
                    absl::SimpleAtoi(text.substr(0, digits), &number);
  text.remove_prefix(digits);
  return good;
}

// The version in a name: 4.5 in `-sonnet-4-5-20250929`, `-4.5-sonnet` and
// `-sonnet-4.5`.
Version VersionIn(absl::string_view text) {
  Version version;
  while (!text.empty() && !absl::ascii_isdigit(text[0])) text.remove_prefix(1);
  if (!TakeNumber(text, version.major)) return {};
  if (!absl::ConsumePrefix(&text, ".") && !absl::ConsumePrefix(&text, "-")) {
    return version;
  }
  int minor = 0;
  const bool has_minor = TakeNumber(text, minor);
  // `-4-8b` has a size, not a minor version.
  const bool ends = text.empty() || !absl::ascii_isalpha(text[0]);
  if (has_minor && ends) version.minor = minor;
  return version;
}

// Without the vendor before the last slash and without the words that end with
// a full stop, as Amazon has them.
absl::string_view WithoutVendor(absl::string_view id) {
  id.remove_prefix(id.rfind('/') + 1);  // npos + 1 is 0.
  while (true) {
    const size_t dot = id.find('.');
    if (dot == absl::string_view::npos || dot == 0) return id;
    const absl::string_view word = id.substr(0, dot);
    if (!std::all_of(word.begin(), word.end(), absl::ascii_isalpha)) return id;
    id.remove_prefix(dot + 1);
  }
}

bool Fits(const Family& family, absl::string_view name) {
  if (!absl::ConsumePrefix(&name, family.name)) return false;
  if (!family.word.empty() && !absl::StrContains(name, family.word)) {
    return false;
  }
  if (family.from.major == 0) return true;
  // A name of one letter is one only with its number behind it.
  if (family.name.size() == 1 &&
      (name.empty() || !absl::ascii_isdigit(name[0]))) {
    return false;
  }
  return !IsBefore(VersionIn(name), family.from);
}

}  // namespace

ModelWire WireOf(absl::string_view model_id) {
  const std::string id = absl::AsciiStrToLower(model_id);
  const absl::string_view name = WithoutVendor(id);
  for (const Family& family : kFamilies) {
    if (Fits(family, name)) return family.wire;
  }
  return {};
}

}  // namespace holysheep

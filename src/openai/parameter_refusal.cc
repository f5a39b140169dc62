// The words are matched within a sentence. Its subject is the first parameter
// that it names; conditions (`… when stream is set`) and lists of what would be
// right (`expected one of …`) are cut off before.
#include "openai/parameter_refusal.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "json/json_dom.h"
#include "openai/request_echo.h"

namespace holysheep {
namespace {

enum class Subject {
  kNone,
  kOther,
  kMaxTokens,
  kMaxCompletionTokens,
  kTemperature,
  kTopP,
  kStreamOptions,
  kFormat,
};

struct Name {
  absl::string_view text;
  Subject subject;
};

// clang-format off
// In lower case, as whole words.
constexpr Name kNames[] = {
    {"max_tokens", Subject::kMaxTokens}, {"maxtokens", Subject::kMaxTokens},
    {"max_output_tokens", Subject::kMaxTokens},
    {"maxoutputtokens", Subject::kMaxTokens},
    {"max_completion_tokens", Subject::kMaxCompletionTokens},
    {"temperature", Subject::kTemperature},
    {"top_p", Subject::kTopP}, {"topp", Subject::kTopP},
    {"stream_options", Subject::kStreamOptions},
    {"streamoptions", Subject::kStreamOptions},
    {"include_usage", Subject::kStreamOptions},
    {"response_format", Subject::kFormat}, {"response format", Subject::kFormat},
    {"responseformat", Subject::kFormat}, {"json_schema", Subject::kFormat},
    {"json_object", Subject::kFormat}, {"json mode", Subject::kFormat},
    {"structured output", Subject::kFormat},
    {"structured outputs", Subject::kFormat},
};

// Those that only callers set.
constexpr absl::string_view kOthers[] = {
    "logprobs", "top_logprobs", "logit_bias", "top_k", "min_p", "seed",
    "presence_penalty", "frequency_penalty", "repetition_penalty", "tools",
    "tool_choice", "parallel_tool_calls", "functions", "function_call",
    "reasoning_effort", "enable_thinking", "chat_template_kwargs", "image_url",
    "cache_control", "prompt_cache_key", "service_tier"};

// That a parameter is not taken. Also looked for in codes.
constexpr absl::string_view kRefusals[] = {
    "not support",    "n't support",   "unsupported",     "not permitted",
    "not allowed",    "unknown",       "unrecognized",    "unrecognised",
    "not recognized", "unexpected",    "not accept",      "deprecated",
    "no longer",      "extra_forbidd", "extra inputs",    "extra fields",
    "extraneous",     "cannot find",   "no such field",   "not available",
    "unavailable",    "not enabled",   "not implemented", "not applicable",
    "not compatible", "incompatible",  "not valid for",   "cannot be specified",
    "cannot be set",  "不支持",        "未知参数",        "无法识别"};

// That it is taken, but not with this value.
constexpr absl::string_view kRanges[] = {
    "greater than", "less than", "more than", "at most", "at least",
    "too large",    "too small", "too high",  "too low", "exceed",
    "maximum",      "minimum",   " above ",   " below ", "between",
    "range",        "negative",  " up to ",   "大于",    "小于",
    "超过",         "范围"};

// That the form in which JSON is asked for is not taken.
constexpr absl::string_view kFormats[] = {"input should be", "must be ",
                                          "invalid value", "supported values"};
// That the schema is wrong, or how it was sent.
constexpr absl::string_view kSchemas[] = {
    "invalid schema", "json schema", "schema for",        "propert",
    "keyword",        "in context",  "pattern",           ".name",
    ".schema",        "required",    "input should be a "};

// Beginnings of a condition, or of a list of what would be right.
constexpr absl::string_view kCuts[] = {" when ",
                                       " if ",
                                       " unless ",
                                       " while ",
                                       " together with",
                                       " alongside",
                                       " in combination",
                                       " expected ",
                                       " supported parameters",
                                       " allowed parameters",
                                       " valid parameters"};

// That only one of two may be there.
constexpr absl::string_view kExclusive[] = {
    "both",       "only one",         "one of",         "together",
    "either",     "simultaneously",   "same time",      "mutually",
    "conflict",   "when temperature", "if temperature", "with temperature",
    "when top_p", "if top_p",         "with top_p",     "alongside",
    "同时"};

// clang-format on

template <size_t kCount>
bool HasAny(absl::string_view text, const absl::string_view (&words)[kCount]) {
  return std::any_of(
      std::begin(words), std::end(words),
      [text](absl::string_view word) { return absl::StrContains(text, word); });
}

// In lower case, with blanks for quotation marks, so that quoted names are
// words like others.
std::string Plain(absl::string_view text) {
  std::string plain = absl::StrReplaceAll(text, {{"\"", " "},
                                                 {"`", " "},
                                                 {"n't", "n't"},
                                                 {"'", " "},
                                                 {"\\", " "},
                                                 {"\xe2\x80\x99t", "'t"},
                                                 {"\xe2\x80\x9c", " "},
                                                 {"\xe2\x80\x9d", " "},
                                                 {"\xe2\x80\x98", " "},
                                                 {"\xe2\x80\x99", " "},
                                                 {"\xc2\xab", " "},
                                                 {"\xc2\xbb", " "},
                                                 {"\xe3\x80\x8c", " "},
                                                 {"\xe3\x80\x8d", " "},
                                                 {"top-p", "top_p"}});
  absl::AsciiStrToLower(&plain);
  absl::RemoveExtraAsciiWhitespace(&plain);
  return plain;
}

bool IsPartOfName(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Where `name` is a whole word of `text`; npos if nowhere.
size_t FindName(absl::string_view text, absl::string_view name) {
  for (size_t at = text.find(name); at != text.npos;
       at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    const bool begins = at == 0 || !IsPartOfName(text[at - 1]);
    if (begins && (end == text.size() || !IsPartOfName(text[end]))) return at;
  }
  return text.npos;
}

Subject FirstSubject(absl::string_view text) {
  size_t first = text.npos;
  Subject subject = Subject::kNone;
  const auto look = [&](absl::string_view name, Subject named) {
    const size_t at = FindName(text, name);
    if (at >= first) return;
    first = at;
    subject = named;
  };
  for (const Name& name : kNames) look(name.text, name.subject);
  for (const absl::string_view name : kOthers) look(name, Subject::kOther);
  return subject;
}

absl::string_view WithoutCondition(absl::string_view sentence) {
  size_t end = sentence.size();
  for (const absl::string_view cut : kCuts) {
    end = std::min(end, sentence.find(cut));
  }
  return sentence.substr(0, end);
}

// The only value that is taken, as in `only 1 is allowed`.
std::optional<double> OnlyValue(absl::string_view text) {
  constexpr absl::string_view kBefore[] = {"only ",          "default (",
                                           "must be ",       "set to ",
                                           "only supports ", "be equal to "};
  for (const absl::string_view before : kBefore) {
    const size_t at = text.find(before);
    if (at == text.npos) continue;
    absl::string_view rest = text.substr(at + before.size());
    const size_t end =
        std::min(rest.find_first_not_of("0123456789."), rest.size());
    const absl::string_view after = rest.substr(end);
    rest = absl::StripSuffix(rest.substr(0, end), ".");
    double value = 0;
    const bool is_bound =
        absl::StartsWith(after, " or ") || absl::StartsWith(after, " to ");
    if (!is_bound && absl::SimpleAtod(rest, &value)) return value;
  }
  return std::nullopt;
}

// The details are read in `text`, the whole refusal.
std::optional<WireRefusal> RefusalOf(Subject subject, absl::string_view text) {
  const std::optional<double> only = OnlyValue(text);
  const bool is_renamed =
      FindName(text, "max_completion_tokens") != text.npos &&
      (absl::StrContains(text, "use ") || absl::StrContains(text, "instead") ||
       absl::StrContains(text, "replace") || absl::StrContains(text, "favor"));
  switch (subject) {
    case Subject::kMaxTokens:
      return is_renamed ? WireRefusal::kMaxTokensName : WireRefusal::kMaxTokens;
    case Subject::kMaxCompletionTokens:
      return WireRefusal::kMaxCompletionTokens;
    case Subject::kTemperature:
      return only == 1 ? WireRefusal::kTemperatureValue
                       : WireRefusal::kTemperature;
    case Subject::kTopP:
      return only == 1 ? WireRefusal::kTopPValue : WireRefusal::kTopP;
    case Subject::kStreamOptions:
      return WireRefusal::kStreamOptions;
    case Subject::kFormat:
      return WireRefusal::kResponseFormat;
    case Subject::kOther:
    case Subject::kNone:
      break;
  }
  return std::nullopt;
}

// Whether `words` say that `subject` itself is not taken.
bool Refuses(Subject subject, absl::string_view words) {
  if (subject == Subject::kFormat) {
    return !HasAny(words, kSchemas) &&
           (HasAny(words, kRefusals) || HasAny(words, kFormats));
  }
  if (HasAny(words, kRanges)) return false;
  const bool sampling =
      subject == Subject::kTemperature || subject == Subject::kTopP;
  return HasAny(words, kRefusals) || (sampling && OnlyValue(words).has_value());
}

bool ExcludesOne(absl::string_view sentence) {
  sentence = sentence.substr(0, sentence.find(" expected "));
  return FindName(sentence, "temperature") != sentence.npos &&
         FindName(sentence, "top_p") != sentence.npos &&
         HasAny(sentence, kExclusive) &&
         !absl::StrContains(sentence, "neither");
}

// The value of `param`; empty if there is none. Some proxies write `None`.
std::string ParamOf(absl::string_view body) {
  JsonParser parser;
  const JsonValue* root = parser.Parse(body);
  if (const JsonValue* first = FirstElement(root)) root = first;
  const JsonValue* error = Member(root, "error");
  if (error == nullptr || !error->IsObject()) error = root;
  std::string param = Plain(TextOf(Member(error, "param")));
  return param == "none" || param == "null" ? "" : param;
}

}  // namespace

std::optional<WireRefusal> RefusedParameter(absl::string_view body,
                                            const ErrorWords& words,
                                            const pb::InvokeRequest& request) {
  // A page's words decide nothing.
  if (words.search.empty()) return std::nullopt;
  const std::string text = WithoutEcho(Plain(words.message), request, Plain);
  std::vector<absl::string_view> sentences;
  for (const absl::string_view part : absl::StrSplit(text, "; ")) {
    for (const absl::string_view sentence : absl::StrSplit(part, ". ")) {
      sentences.push_back(sentence);
    }
  }
  if (std::any_of(sentences.begin(), sentences.end(), ExcludesOne)) {
    return WireRefusal::kTopPWithTemperature;
  }
  if (const std::string param = ParamOf(body); !param.empty()) {
    const Subject subject = FirstSubject(param);
    const absl::string_view codes =
        absl::string_view(words.search).substr(0, words.search.find('\n'));
    const bool refuses = Refuses(subject, absl::StrCat(codes, " ", text));
    return refuses ? RefusalOf(subject, text) : std::nullopt;
  }
  for (const absl::string_view sentence : sentences) {
    const absl::string_view said = WithoutCondition(sentence);
    const Subject subject = FirstSubject(said);
    if (subject == Subject::kNone) continue;
    const bool in_range =
        subject == Subject::kFormat || !HasAny(sentence, kRanges);
    if (in_range && Refuses(subject, said)) return RefusalOf(subject, text);
  }
  return std::nullopt;
}

}  // namespace holysheep

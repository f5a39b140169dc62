#include "cli/client/request_options.h"

#include <istream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace holysheep::cli {
namespace {

// Half of what the service accepts as a whole request.
constexpr size_t kMaxInputBytes = 16 << 20;

absl::StatusOr<std::string> ReadAll(std::istream& in) {
  std::string text(kMaxInputBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxInputBytes) {
    return absl::InvalidArgumentError("the standard input exceeds 16 MiB");
  }
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

absl::StatusOr<std::string> Joined(const std::vector<std::string>& words,
                                   const Console& console) {
  std::string question;
  std::string separator;
  bool read = false;
  for (const std::string& word : words) {
    if (word != "-" || read) {
      absl::StrAppend(&question, separator, word);
      separator = " ";
      continue;
    }
    read = true;
    const absl::StatusOr<std::string> text = ReadAll(console.in);
    if (!text.ok()) return text.status();
    absl::StrAppend(&question, question.empty() ? "" : "\n\n", *text);
    separator = "\n\n";
  }
  return question;
}

}  // namespace

pb::InvokeRequest MakeRequest(const RequestOptions& options) {
  pb::InvokeRequest request;
  request.set_model(options.model);
  request.set_system_prompt(options.system);
  if (options.temperature) request.set_temperature(*options.temperature);
  if (options.top_p) request.set_top_p(*options.top_p);
  if (options.max_tokens) request.set_max_tokens(*options.max_tokens);
  if (options.cache != pb::CacheControl::DEFAULT) {
    request.mutable_cache()->set_mode(options.cache);
  }
  if (!options.cache_namespace.empty()) {
    request.mutable_cache()->set_namespace_(options.cache_namespace);
  }
  request.mutable_tags()->Assign(options.tags.begin(), options.tags.end());
  request.mutable_caller()->set_source("holysheepctl");
  return request;
}

absl::StatusOr<std::string> ReadQuestion(const std::vector<std::string>& words,
                                         const Console& console) {
  if (words.empty() && console.in_is_terminal) {
    return absl::InvalidArgumentError(
        "there is no question: give it as an argument or through a pipe");
  }
  absl::StatusOr<std::string> question =
      words.empty() ? ReadAll(console.in) : Joined(words, console);
  if (question.ok() && question->empty()) {
    return absl::InvalidArgumentError("the question is empty");
  }
  if (question.ok() && !IsUtf8(*question)) {
    return absl::InvalidArgumentError(
        "the question is not UTF-8; convert it, for example with iconv");
  }
  return question;
}

}  // namespace holysheep::cli

#include "openai/reading/other_words.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "openai/clean_message.h"
#include "openai/told_failure.h"

namespace holysheep {
namespace {

constexpr size_t kMaxWords = 4096;

}  // namespace

void OtherWords::Add(absl::string_view text) {
  if (words_.size() >= kMaxWords) return;
  absl::StrAppend(&words_, words_.empty() ? "" : "\n",
                  text.substr(0, kMaxWords - words_.size()));
}

std::string OtherWords::Note(absl::string_view key) const {
  if (words_.empty()) return "";
  return absl::StrCat("; it also said: ", CleanMessage(words_, key));
}

absl::Status OtherWords::NoAnswer(bool had_chunks,
                                  absl::string_view key) const {
  if (!words_.empty()) return NoAnswerBut(words_, key);
  return had_chunks ? MakeError(Reason::kUpstreamMalformed,
                                "the upstream's answer has no choices")
                    : MakeError(Reason::kStreamTruncated,
                                "the upstream's answer ended before it began");
}

}  // namespace holysheep

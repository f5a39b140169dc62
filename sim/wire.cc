#include "sim/wire.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "sim/http.h"

namespace holysheep::sim {
namespace {

// Without the empty line that ends it.
std::string RenderHead(const Head& head) {
  std::string text =
      absl::StrCat("HTTP/1.1 ", head.status, " ", ReasonPhrase(head.status),
                   "\r\ncontent-type: ", head.content_type, "\r\n");
  if (!head.request_id.empty()) {
    absl::StrAppend(&text, "x-request-id: ", head.request_id, "\r\n");
  }
  for (const auto& [name, value] : head.extra) {
    absl::StrAppend(&text, name, ": ", value, "\r\n");
  }
  return text;
}

}  // namespace

Plan WholePlan(const Head& head, std::string body) {
  Plan plan;
  plan.head = absl::StrCat(RenderHead(head), "content-length: ", body.size(),
                           "\r\n\r\n");
  plan.body.push_back({.delay = {}, .bytes = std::move(body)});
  return plan;
}

Plan StreamedPlan(const Head& head, std::vector<Write> writes, Framing framing,
                  bool whole) {
  Plan plan;
  plan.head = RenderHead(head);
  plan.body = std::move(writes);
  if (framing != Framing::kChunked) {
    absl::StrAppend(&plan.head, "connection: close\r\n\r\n");
    plan.ending = Ending::kClose;
    return plan;
  }
  absl::StrAppend(&plan.head, "transfer-encoding: chunked\r\n\r\n");
  for (Write& write : plan.body) {
    if (write.bytes.empty()) continue;
    write.bytes = absl::StrCat(absl::Hex(write.bytes.size()), "\r\n",
                               write.bytes, "\r\n");
  }
  if (!whole) {
    plan.ending = Ending::kClose;
    return plan;
  }
  if (plan.body.empty()) plan.body.emplace_back();
  plan.body.back().bytes += "0\r\n\r\n";
  return plan;
}

void SplitIntoBytes(Plan& plan) {
  constexpr std::size_t kMaxSplit = 64 << 10;
  std::vector<Write> bytes;
  for (const char c : plan.head) bytes.push_back({.delay = {}, .bytes = {c}});
  for (Write& write : plan.body) {
    if (bytes.size() + write.bytes.size() > kMaxSplit) {
      bytes.push_back(std::move(write));
      continue;
    }
    for (const char c : write.bytes) {
      const bool first = &c == write.bytes.data();
      bytes.push_back({.delay = first ? write.delay : absl::ZeroDuration(),
                       .bytes = {c},
                       .tokens = first ? write.tokens : 0});
    }
  }
  plan.head.clear();
  plan.body = std::move(bytes);
}

std::string EncodeEvent(absl::string_view data, const SseStyle& style) {
  const absl::string_view end = style.crlf ? "\r\n" : "\n";
  std::string text;
  if (style.comments) text = absl::StrCat(": event follows", end);
  // A line end is white space between the first brace and what follows it.
  if (style.split_data && absl::ConsumePrefix(&data, "{")) {
    absl::StrAppend(&text, "data: {", end);
  }
  absl::StrAppend(&text, "data: ", data, end, end);
  return text;
}

std::string EncodeComment(absl::string_view text, const SseStyle& style) {
  const absl::string_view end = style.crlf ? "\r\n" : "\n";
  return absl::StrCat(": ", text, end, end);
}

}  // namespace holysheep::sim

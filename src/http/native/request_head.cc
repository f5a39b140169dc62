#include "http/native/request_head.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep::native {
namespace {

// Bytes that would end a header line early.
constexpr absl::string_view kLineBreakers("\r\n\0", 3);

// They say how the message is framed, which is the transport's to say.
constexpr absl::string_view kOwn[] = {
    "content-length", "transfer-encoding", "connection", "te",
    "trailer",        "upgrade",           "expect"};

bool IsToken(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) ||
                  absl::StrContains("!#$%&'*+-.^_`|~", static_cast<char>(c));
         });
}

}  // namespace

absl::Status CheckRequest(const HttpRequest& request) {
  if (!IsToken(request.method)) {
    return MakeError(Reason::kInternal, "the method is not a token");
  }
  for (const auto& [name, value] : request.headers) {
    if (absl::string_view(value).find_first_of(kLineBreakers) !=
        absl::string_view::npos) {
      return MakeError(Reason::kInternal,
                       "a request header holds a line break");
    }
    if (!IsToken(name)) {
      return MakeError(Reason::kInternal,
                       "the name of a request header is not a token");
    }
    for (const absl::string_view own : kOwn) {
      if (!absl::EqualsIgnoreCase(name, own)) continue;
      return MakeError(Reason::kInternal, absl::StrCat("the request header ",
                                                       own, " cannot be set"));
    }
  }
  return absl::OkStatus();
}

bool HasHeader(const HttpRequest& request, absl::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [name](const auto& header) {
                       return absl::EqualsIgnoreCase(header.first, name);
                     });
}

bool IsBodiless(const HttpRequest& request) {
  return request.body.empty() &&
         (request.method == "GET" || request.method == "HEAD");
}

void AppendHead(const Target& target, const HttpRequest& request,
                std::string& out) {
  absl::StrAppend(&out, request.method, " ", target.path, " HTTP/1.1\r\n");
  const auto append_default = [&](absl::string_view name,
                                  absl::string_view value) {
    if (HasHeader(request, absl::AsciiStrToLower(name))) return;
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  };
  append_default("Host", target.authority);
  append_default("User-Agent", kUserAgent);
  append_default("Accept", "*/*");
  for (const auto& [name, value] : request.headers) {
    absl::StrAppend(&out, name, value.empty() ? ":" : ": ", value, "\r\n");
  }
  if (!IsBodiless(request)) {
    absl::StrAppend(&out, "Content-Length: ", request.body.size(), "\r\n");
  }
  out += "\r\n";
}

}  // namespace holysheep::native

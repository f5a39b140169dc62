#include "upstream/upstream_request.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace holysheep {
// Header names are in lower case, as HTTP/2 demands; HTTP/1.1 does not care.

// A base URL with a slash at its end is usual in examples of other providers.
HttpRequest UpstreamRequest(const OpenAiOptions& options,
                            absl::string_view method, absl::string_view path,
                            absl::string_view key) {
  HttpRequest request;
  request.method = std::string(method);
  request.url = absl::StrCat(absl::StripSuffix(options.base_url, "/"), path);
  if (!options.query.empty()) absl::StrAppend(&request.url, "?", options.query);
  request.connect_timeout = options.connect_timeout;
  request.headers = options.headers;
  if (absl::c_none_of(options.headers, [](const auto& header) {
        return header.first == "user-agent";
      })) {
    request.headers.emplace_back("user-agent",
                                 "holysheep-node/" HOLYSHEEP_VERSION);
  }
  if (!key.empty()) {
    const absl::string_view scheme =
        options.api_key_header == "authorization" ? "Bearer " : "";
    request.headers.emplace_back(options.api_key_header,
                                 absl::StrCat(scheme, key));
  }
  return request;
}

KeyVeil VeilFor(const OpenAiOptions& options, absl::string_view other) {
  std::vector<absl::string_view> keys = {options.api_key, other};
  keys.insert(keys.end(), options.secrets.begin(), options.secrets.end());
  return KeyVeil(keys);
}

EncodeOptions EncodeOptionsFor(const ChatRequest& request,
                               const OpenAiOptions& options) {
  return {options.stream_unary || !request.unary};
}

}  // namespace holysheep

#pragma once

#include <string>

#include "absl/status/status.h"
#include "http/native/target.h"
#include "http/transport.h"

namespace holysheep::native {

// What the service calls itself.
inline constexpr absl::string_view kUserAgent = "holysheep-node";

// Returns INTERNAL for a method or header that cannot be sent: a line break or
// a zero byte, a name that is not a token, or a header that is the transport's
// own, such as Content-Length. The message shows no value. Pure.
absl::Status CheckRequest(const HttpRequest& request);

// Whether `request` has a header `name`, which is in lower case.
bool HasHeader(const HttpRequest& request, absl::string_view name);

// Whether the request goes without a length: a GET or HEAD without a body.
bool IsBodiless(const HttpRequest& request);

// Appends the head of an HTTP/1.1 request: the request line, Host, User-Agent
// and Accept unless the request has its own, its headers as they are, and
// Content-Length unless IsBodiless. REQUIRES: CheckRequest(request).ok().
void AppendHead(const Target& target, const HttpRequest& request,
                std::string& out);

}  // namespace holysheep::native

#include "http/curl_headers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace holysheep {
namespace {

// Bytes that would end a header line early.
constexpr absl::string_view kLineBreakers("\r\n\0", 3);

}  // namespace

// A line without value takes away what curl would add by itself, not what the
// request has. For an empty value curl wants a semicolon.
absl::StatusOr<CurlList> HeaderLines(const ResponseHead::Headers& headers) {
  CurlList lines(curl_slist_append(nullptr, "Expect:"));
  curl_slist_append(lines.get(), "Content-Type:");
  std::string line;
  for (const auto& [name, value] : headers) {
    line = value.empty() ? absl::StrCat(name, ";")
                         : absl::StrCat(name, ": ", value);
    if (absl::string_view(line).find_first_of(kLineBreakers) !=
        absl::string_view::npos) {
      return MakeError(Reason::kInternal,
                       "a request header holds a line break");
    }
    curl_slist_append(lines.get(), line.c_str());
  }
  return lines;
}

}  // namespace holysheep

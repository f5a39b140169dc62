#pragma once

#include <curl/curl.h>

#include <memory>

#include "absl/status/statusor.h"
#include "http/response_head.h"

namespace holysheep {

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

// The lines with which curl sends `headers`, and none of its own in their
// place. Returns INTERNAL if one holds a line break.
absl::StatusOr<CurlList> HeaderLines(const ResponseHead::Headers& headers);

}  // namespace holysheep

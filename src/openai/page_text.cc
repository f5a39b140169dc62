#include "openai/page_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace holysheep {
namespace {

// The first screen of a page says what it is about.
constexpr size_t kMaxPage = 16'384;

// Returns the end of what the `<` at the front of `page` begins.
size_t EndOfTag(absl::string_view page) {
  absl::string_view end = ">";
  if (absl::StartsWith(page, "<!--")) end = "-->";
  // The text between these two tags is not visible.
  if (absl::StartsWithIgnoreCase(page, "<script")) end = "</script>";
  if (absl::StartsWithIgnoreCase(page, "<style")) end = "</style>";
  const auto* const found = std::search(
      page.begin(), page.end(), end.begin(), end.end(), [](char a, char b) {
        return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
      });
  return found == page.end()
             ? page.size()
             : static_cast<size_t>(found - page.begin()) + end.size();
}

}  // namespace

bool IsPage(absl::string_view body) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(body), "<");
}

std::string PageText(absl::string_view page) {
  page = page.substr(0, kMaxPage);
  std::string text;
  while (!page.empty()) {
    const size_t begin = std::min(page.find('<'), page.size());
    absl::StrAppend(&text, page.substr(0, begin), " ");
    page.remove_prefix(begin);
    if (!page.empty()) page.remove_prefix(EndOfTag(page));
  }
  absl::RemoveExtraAsciiWhitespace(&text);
  return text;
}

}  // namespace holysheep

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "intake/validation_checks.h"

namespace holysheep {
namespace {

// The longest registered types have about 80.
constexpr size_t kMaxMimeTypeBytes = 128;

bool IsUrlCharacter(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '\x7F';
}

// The type becomes part of a data URL, which it must not terminate.
bool IsMimeCharacter(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("!#$&^_.+-/;=", c);
}

absl::Status CheckUrl(const FieldPath& path, absl::string_view url) {
  for (const absl::string_view scheme : {"https://", "http://", "data:"}) {
    if (absl::StartsWithIgnoreCase(url, scheme) && url.size() > scheme.size() &&
        std::all_of(url.begin(), url.end(), IsUrlCharacter)) {
      return absl::OkStatus();
    }
  }
  // The value is not shown: a data URL is content, and any URL may hold a
  // password.
  return Refuse(path, "must be an http, https or data URL without blanks");
}

// `kind` is the part before the slash; empty for any.
absl::Status CheckMimeType(const FieldPath& path, absl::string_view type,
                           absl::string_view kind) {
  const size_t slash = type.find('/');
  if (slash != absl::string_view::npos && slash > 0 &&
      slash + 1 < type.size() && type.size() <= kMaxMimeTypeBytes &&
      (kind.empty() || absl::EqualsIgnoreCase(type.substr(0, slash), kind)) &&
      std::all_of(type.begin(), type.end(), IsMimeCharacter)) {
    return absl::OkStatus();
  }
  return Refuse(path,
                absl::StrCat("must be a MIME type such as ",
                             kind.empty() ? "application/pdf" : kind,
                             kind.empty() ? "" : "/...", ", is ", Shown(type)));
}

// The checks that Image and Media have in common.
template <typename Medium>
absl::Status CheckSource(const FieldPath& path, const Medium& medium,
                         absl::string_view kind) {
  const FieldPath type(path, "mime_type");
  if (medium.has_url()) {
    if (absl::Status status = CheckUrl({path, "url"}, medium.url());
        !status.ok()) {
      return status;
    }
    if (medium.mime_type().empty()) return absl::OkStatus();
    return CheckMimeType(type, medium.mime_type(), kind);
  }
  if (!medium.has_data()) return Refuse(path, "must have url or data");
  if (medium.data().empty()) {
    return Refuse({path, "data"}, "must not be empty");
  }
  return CheckMimeType(type, medium.mime_type(), kind);
}

absl::Status CheckImage(const FieldPath& path, const pb::Image& image) {
  absl::Status status = CheckSource(path, image, "image");
  status.Update(
      CheckOneOf({path, "detail"}, image.detail(), {"auto", "low", "high"}));
  return status;
}

absl::Status CheckMedia(const FieldPath& path, const pb::Media& media,
                        absl::string_view kind) {
  absl::Status status = CheckSource(path, media, kind);
  status.Update(CheckLength({path, "name"}, media.name(), kMaxLabelBytes));
  return status;
}

}  // namespace

absl::Status CheckMedium(const FieldPath& path, const pb::Part& part) {
  absl::Status status;
  absl::string_view name = "image";
  switch (part.part_case()) {
    case pb::Part::kAudio:
      name = "audio";
      status = CheckMedia({path, name}, part.audio(), "audio");
      break;
    case pb::Part::kVideo:
      name = "video";
      status = CheckMedia({path, name}, part.video(), "video");
      break;
    case pb::Part::kDocument:
      name = "document";
      status = CheckMedia({path, name}, part.document(), "");
      break;
    default:
      status = CheckImage({path, name}, part.image());
  }
  return status;
}

}  // namespace holysheep

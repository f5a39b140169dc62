#include "cli/batch/openai_parts.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/batch/openai_messages.h"

namespace holysheep::cli {
namespace {

// The URL of `{"url": …}` or of a text; empty if there is none.
std::string UrlOf(const JsonValue* value) {
  if (value != nullptr && value->IsString()) return std::string(TextOf(value));
  return std::string(TextOf(Member(value, "url")));
}

absl::Status ReadSound(const std::string& path, const JsonValue* audio,
                       pb::Media& media) {
  const std::string format(TextOf(Member(audio, "format")));
  std::string data;
  if (!absl::Base64Unescape(TextOf(Member(audio, "data")), &data) ||
      data.empty() || format.empty()) {
    return WrongValue(path, "must have `data` in Base64 and a `format`");
  }
  media.set_data(data);
  media.set_mime_type(
      absl::StrCat("audio/", format == "mp3" ? "mpeg" : format));
  return absl::OkStatus();
}

absl::Status ReadDocument(const std::string& path, const JsonValue* file,
                          pb::Media& media) {
  media.set_name(std::string(TextOf(Member(file, "filename"))));
  const std::string given(TextOf(Member(file, "file_data")));
  const std::string url = UrlOf(Member(file, "file_url"));
  std::string data;
  if (absl::StartsWith(given, "data:") || !url.empty()) {
    media.set_url(given.empty() ? url : given);
    return absl::OkStatus();
  }
  if (given.empty() || !absl::Base64Unescape(given, &data)) {
    return WrongValue(path,
                      "must have `file_data`; files that were uploaded "
                      "elsewhere cannot be read");
  }
  media.set_data(data);
  media.set_mime_type("application/pdf");
  return absl::OkStatus();
}

absl::Status ReadLink(const std::string& path, const JsonValue* value,
                      pb::Media& media) {
  media.set_url(UrlOf(value));
  return media.url().empty() ? WrongValue(path, "must have a `url`")
                             : absl::OkStatus();
}

}  // namespace

absl::Status ReadOpenAiPart(const std::string& path, const JsonValue& from,
                            pb::Part& part) {
  if (from.IsString()) {
    part.set_text(std::string(TextOf(&from)));
    return absl::OkStatus();
  }
  const std::string type(TextOf(Member(&from, "type")));
  const std::string place = absl::StrCat(path, ".", type);
  const JsonValue* value = Member(&from, type);
  if (type == "text" || type == "refusal") {
    part.set_text(std::string(TextOf(value)));
    return absl::OkStatus();
  }
  if (type == "image_url") {
    const std::string url = UrlOf(value);
    if (url.empty()) return WrongValue(place, "must have a `url`");
    part.mutable_image()->set_url(url);
    part.mutable_image()->set_detail(
        std::string(TextOf(Member(value, "detail"))));
    return absl::OkStatus();
  }
  if (type == "input_audio") {
    return ReadSound(place, value, *part.mutable_audio());
  }
  if (type == "audio_url") return ReadLink(place, value, *part.mutable_audio());
  if (type == "video_url") return ReadLink(place, value, *part.mutable_video());
  if (type == "file")
    return ReadDocument(place, value, *part.mutable_document());
  return WrongValue(path,
                    absl::StrCat("has the unknown type `", type,
                                 "`: text, image_url, input_audio, audio_url, "
                                 "video_url or file"));
}

}  // namespace holysheep::cli

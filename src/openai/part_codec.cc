#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/message_codec.h"

namespace holysheep {
namespace {

// Upstreams refuse the common misspelling of image/jpeg. Returns `text` with it
// mended, where it begins with the type.
std::string Mended(absl::string_view text, absl::string_view before_type) {
  constexpr absl::string_view kMisspelled = "image/jpg";
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, before_type) &&
      absl::StartsWithIgnoreCase(rest, kMisspelled)) {
    rest.remove_prefix(kMisspelled.size());
    if (rest.empty() || rest[0] == ';' || rest[0] == ',') {
      return absl::StrCat(before_type, "image/jpeg", rest);
    }
  }
  return std::string(text);
}

// Returns the URL of an image or medium: its own, or its data as a data URL.
template <typename Source>
std::string UrlOf(const Source& source) {
  if (source.has_data()) {
    return absl::StrCat("data:", Mended(source.mime_type(), ""), ";base64,",
                        absl::Base64Escape(source.data()));
  }
  absl::string_view scheme = source.url();
  scheme = scheme.substr(0, 5);
  if (!absl::EqualsIgnoreCase(scheme, "data:")) return source.url();
  return Mended(source.url(), scheme);
}

// Returns the short name that `input_audio` requires: `wav` for audio/x-wav.
std::string AudioFormat(absl::string_view mime_type) {
  absl::string_view name = mime_type.substr(0, mime_type.find(';'));
  absl::ConsumePrefix(&name, "audio/");
  absl::ConsumePrefix(&name, "x-");
  if (name == "mpeg" || name == "mpeg3") return "mp3";
  if (name == "wave" || name == "vnd.wave") return "wav";
  return std::string(name);
}

void WriteInputAudio(absl::string_view base64, absl::string_view mime_type,
                     JsonWriter& writer) {
  WriteMember(writer, "type", "input_audio");
  WriteKey(writer, "input_audio");
  writer.StartObject();
  WriteMember(writer, "data", base64);
  WriteMember(writer, "format", AudioFormat(mime_type));
  writer.EndObject();
}

void WriteUrl(absl::string_view type, absl::string_view url,
              JsonWriter& writer) {
  WriteMember(writer, "type", type);
  WriteKey(writer, type);
  writer.StartObject();
  WriteMember(writer, "url", url);
  writer.EndObject();
}

// A data URL is unpacked, because `input_audio` is what most upstreams
// understand.
void WriteAudio(const pb::Media& audio, JsonWriter& writer) {
  if (audio.has_data()) {
    WriteInputAudio(absl::Base64Escape(audio.data()), audio.mime_type(),
                    writer);
    return;
  }
  absl::string_view url = audio.url();
  const size_t comma = url.find(";base64,");
  if (absl::ConsumePrefix(&url, "data:") && comma != absl::string_view::npos) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(url, absl::MaxSplits(";base64,", 1));
    WriteInputAudio(halves.second, halves.first, writer);
    return;
  }
  WriteUrl("audio_url", audio.url(), writer);
}

void WriteImage(const pb::Image& image, JsonWriter& writer) {
  WriteMember(writer, "type", "image_url");
  WriteKey(writer, "image_url");
  writer.StartObject();
  WriteMember(writer, "url", UrlOf(image));
  if (!image.detail().empty()) WriteMember(writer, "detail", image.detail());
  writer.EndObject();
}

void WriteDocument(const pb::Media& document, JsonWriter& writer) {
  WriteMember(writer, "type", "file");
  WriteKey(writer, "file");
  writer.StartObject();
  // Upstreams refuse a file without a name.
  WriteMember(writer, "filename",
              document.name().empty() ? "document" : document.name());
  WriteMember(writer, "file_data", UrlOf(document));
  writer.EndObject();
}

void WarnOfName(const pb::Media& medium, absl::string_view path,
                const MessageContext& context) {
  if (medium.name().empty()) return;
  context.warnings.push_back(absl::StrCat(
      path, ".name was dropped: only documents have one at the upstream"));
}

}  // namespace

void WritePart(const pb::Part& part, absl::string_view path,
               const MessageContext& context, JsonWriter& writer) {
  writer.StartObject();
  switch (part.part_case()) {
    case pb::Part::kText:
    case pb::Part::PART_NOT_SET:
      WriteMember(writer, "type", "text");
      WriteMember(writer, "text", part.text());
      break;
    case pb::Part::kImage:
      WriteImage(part.image(), writer);
      break;
    case pb::Part::kAudio:
      WarnOfName(part.audio(), absl::StrCat(path, ".audio"), context);
      WriteAudio(part.audio(), writer);
      break;
    case pb::Part::kVideo:
      WarnOfName(part.video(), absl::StrCat(path, ".video"), context);
      WriteUrl("video_url", UrlOf(part.video()), writer);
      break;
    case pb::Part::kDocument:
      WriteDocument(part.document(), writer);
      break;
  }
  if (!part.cache_control_json().empty()) {
    WriteRawMember(writer, "cache_control", part.cache_control_json());
  }
  writer.EndObject();
}

}  // namespace holysheep

#pragma once

#include <string>

#include "absl/status/status.h"
#include "holysheep/node/v1/node.pb.h"
#include "json/json_dom.h"

namespace holysheep::cli {

namespace pb = node::v1;

// Reads a part of a message's content in OpenAI's form: text, refusal,
// image_url, input_audio, audio_url, video_url or file. A file must be given by
// its data or a URL, since an id belongs to another account. `path` is for the
// error. Pure.
absl::Status ReadOpenAiPart(const std::string& path, const JsonValue& from,
                            pb::Part& part);

}  // namespace holysheep::cli

#pragma once

#include "absl/strings/string_view.h"
#include "openai/completion_decoder.h"
#include "openai/response_codec.h"

namespace holysheep {

// The response that ends an answer which `decoder` has read to its end: all but
// its texts, see AnswerReader::Finish. `note` is what else the upstream has
// said, for the warning of an answer without a finish reason. Internal to the
// response codec.
pb::InvokeResponse EndingOf(const CompletionDecoder& decoder,
                            const AnswerReaderOptions& options,
                            absl::string_view note);

}  // namespace holysheep

#pragma once

#include "absl/strings/string_view.h"
#include "openai/completion_decoder.h"
#include "openai/response_codec.h"

namespace holysheep {

// Returns the response that ends an answer which `decoder` has read completely:
// everything but the texts, see AnswerReader::Finish. `note` quotes what else
// the upstream has said, for the warning about a missing finish reason.
// Internal to the response codec.
pb::InvokeResponse EndingOf(const CompletionDecoder& decoder,
                            const AnswerReaderOptions& options,
                            absl::string_view note);

}  // namespace holysheep

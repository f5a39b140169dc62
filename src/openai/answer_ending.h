#pragma once

#include "absl/strings/string_view.h"
#include "openai/completion_decoder.h"
#include "openai/response_codec.h"

namespace holysheep {

// Returns the response that ends an answer which `decoder` has read completely:
// everything but the texts, see AnswerReader::Finish. `note` quotes what else
// the upstream has said, for the warning about a missing finish reason.
// Internal to the response codec. Call it once, after CompletionDecoder::End:
// only then is it known which tool calls are complete. Tokens that the
// upstream has not reported, or that CheckUsage does not believe, are estimated
// from `options.estimated_prompt_tokens` and the bytes of the answer, and
// marked as `estimated`.
pb::InvokeResponse EndingOf(CompletionDecoder& decoder,
                            const AnswerReaderOptions& options,
                            absl::string_view note);

}  // namespace holysheep

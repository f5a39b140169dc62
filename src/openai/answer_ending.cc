#include "openai/answer_ending.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "chat/empty_answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/clean_message.h"
#include "openai/finish_word.h"
#include "openai/usage_codec.h"

namespace holysheep {
namespace {

// The upstream's word is quoted in the response; known ones have at most 30
// bytes.
constexpr size_t kMaxFinishWord = 128;

// Some upstreams say `stop` although the answer calls tools: a caller that
// looks at the finish reason only would not run them.
pb::InvokeResponse::FinishReason FinishReasonOf(Finish finish,
                                                bool calls_tools) {
  switch (finish) {
    case Finish::kStop:
      return calls_tools ? pb::InvokeResponse::TOOL_CALLS
                         : pb::InvokeResponse::STOP;
    case Finish::kLength:
      return pb::InvokeResponse::LENGTH;
    case Finish::kToolCalls:
      return pb::InvokeResponse::TOOL_CALLS;
    case Finish::kContentFilter:
      return pb::InvokeResponse::CONTENT_FILTER;
    default:
      return pb::InvokeResponse::OTHER;
  }
}

void AddWarnings(const CompletionDecoder& decoder, absl::string_view key,
                 absl::string_view note, pb::InvokeResponse& response) {
  if (decoder.finish_word().empty()) {
    response.add_warnings(
        absl::StrCat("the upstream ended the answer without a finish reason: "
                     "it may be incomplete",
                     note));
  } else if (response.finish_reason() == pb::InvokeResponse::OTHER) {
    response.add_warnings(absl::StrCat(
        "the upstream ended the answer with a finish reason that is not known, "
        "so that it may be incomplete: ",
        CleanMessage(response.finish_reason_raw(), key)));
  }
  if (decoder.dropped_choices()) {
    response.add_warnings(
        "the upstream sent more than one answer; only the first is given");
  }
  const std::string incomplete = decoder.tool_calls().Warning();
  if (!incomplete.empty()) response.add_warnings(incomplete);
  if (!decoder.said_something()) MarkEmpty(response);
}

}  // namespace

pb::InvokeResponse EndingOf(CompletionDecoder& decoder,
                            const AnswerReaderOptions& options,
                            absl::string_view note) {
  pb::InvokeResponse response;
  response.set_finish_reason(FinishReasonOf(MeaningOf(decoder.finish_word()),
                                            decoder.tool_calls().any()));
  response.set_finish_reason_raw(
      BoundedUtf8(decoder.finish_word(), kMaxFinishWord));
  response.set_model_used(decoder.model().empty() ? options.model
                                                  : decoder.model());
  response.set_upstream_request_id(decoder.id());
  response.set_system_fingerprint(decoder.system_fingerprint());
  OpaqueParts::Written opaque = decoder.opaque().Write();
  response.set_opaque_json(std::move(opaque.json));
  WriteUsage(decoder.usage(), options.usage_bounds,
             {options.estimated_prompt_tokens, decoder.answer_bytes(),
              decoder.reasoning_bytes()},
             response);
  if (!opaque.warning.empty()) {
    response.add_warnings(CleanMessage(opaque.warning, options.key));
  }
  AddWarnings(decoder, options.key, note, response);
  return response;
}

}  // namespace holysheep

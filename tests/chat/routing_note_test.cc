#include "chat/routing_note.h"

#include "gtest/gtest.h"
#include "support/requests.h"

namespace holysheep {
namespace {

// A thousand prompt tokens and five hundred of answer.
std::string NoteFor(const std::string& model, const std::string& default_model,
                    bool fallback = false) {
  RequestSpec spec;
  spec.model = model;
  ChatRequest request = MakeRequest(spec);
  request.routing = "because";
  request.catalog =
      std::make_shared<const Catalog>(Catalog::BuiltInModels(), default_model);
  pb::InvokeResponse response;
  response.mutable_usage()->set_prompt_tokens(1000);
  response.mutable_usage()->set_completion_tokens(500);
  response.set_fallback_used(fallback);
  NoteRouting(request, response);
  return response.routing();
}

TEST(RoutingNoteTest, ShowsWhatIsSavedAgainstTheDefault) {
  EXPECT_EQ(NoteFor("deepseek-v3.2", "gpt-4.1"),
            "deepseek-v3.2: because; these tokens cost 0.00063 USD, 0.01137 "
            "USD less than with the default model gpt-4.1");
}

TEST(RoutingNoteTest, ShowsWhatIsPaidBeyondTheDefaultToo) {
  EXPECT_EQ(NoteFor("gpt-4.1", "deepseek-v3.2"),
            "gpt-4.1: because; these tokens cost 0.012 USD, 0.01137 USD more "
            "than with the default model deepseek-v3.2");
}

TEST(RoutingNoteTest, TheDefaultItselfSavesNothing) {
  EXPECT_EQ(NoteFor("gpt-4.1", "gpt-4.1"),
            "gpt-4.1: because, which is the default model");
}

TEST(RoutingNoteTest, ComparesNothingThatAnotherModelAnswered) {
  EXPECT_EQ(NoteFor("gpt-4.1", "deepseek-v3.2", /*fallback=*/true),
            "gpt-4.1: because");
}

TEST(RoutingNoteTest, SaysNothingIfTheCallerNamedTheModel) {
  pb::InvokeResponse response;
  NoteRouting(MakeRequest(), response);
  EXPECT_EQ(response.routing(), "");
}

}  // namespace
}  // namespace holysheep

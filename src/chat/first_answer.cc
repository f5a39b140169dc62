#include "chat/first_answer.h"

#include <utility>

namespace holysheep {

// A copy, since `from` may still be charged for its own.
void TakeOverUnfinished(const ChatRequest& from, ChatRequest& to) {
  if (from.unfinished == nullptr || from.unfinished->first == nullptr) return;
  auto first = std::make_shared<FirstAnswer>(*from.unfinished->first);
  MakeFree(first->ending);
  first->ending.response.set_attempts(0);
  if (to.unfinished == nullptr) to.unfinished = std::make_shared<Unfinished>();
  to.unfinished->first = std::move(first);
}

}  // namespace holysheep

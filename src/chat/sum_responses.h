#pragma once

#include "chat/answer.h"

namespace holysheep {

// Adds the usage of `earlier` (tokens, cost, attempts, time in the queue) to
// `answer`, where both contributed to one answer. Texts and ids stay those of
// `answer`. Pure.
void AddUseOf(const Answer& earlier, Answer& answer);

}  // namespace holysheep

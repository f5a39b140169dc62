#pragma once

#include "chat/answer.h"

namespace holysheep {

// Adds the usage of `earlier` (tokens, cost, attempts, time in the queue) to
// `answer`, where both contributed to one answer.
void AddUseOf(const Answer& earlier, Answer& answer);

}  // namespace holysheep

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/client/exit_code.h"
#include "cli/client/interrupt.h"
#include "cli/client/node_client.h"
#include "cli/client/settings.h"
#include "cli/terminal/console.h"
#include "google/protobuf/message.h"

namespace holysheep::cli {

// What every command works with. All of it outlives the command.
struct Session {
  const Console& console;
  const Settings& settings;
  Interrupt& interrupt;
  NodeClient& node;
};

// Says on `err` why a call failed, and what to do. For an interrupted call a
// single word is enough.
ExitCode Fail(const Session& session, const absl::Status& status);

// The same for an input that cannot be sent at all.
ExitCode RefuseInput(const Session& session, absl::string_view problem);

// Says on `err` what the user should know although all went well.
void Warn(const Session& session, absl::string_view warning);

// `message` as indented JSON with its fields' proto names, defaults included,
// and a line end.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace holysheep::cli

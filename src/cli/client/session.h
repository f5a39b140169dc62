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

// The environment of every command, which it outlives. Made once by RunProgram;
// commands receive it instead of reading anything of the process.
struct Session {
  const Console& console;
  const Settings& settings;
  Interrupt& interrupt;
  // Connects with the first call.
  NodeClient& node;
};

// Prints on `err` why a call failed and what to do. An interrupted call is
// reported with a single word. Returns the exit code. REQUIRES: !status.ok().
// Flushes `out` first, so that the order on a terminal is right.
ExitCode Fail(const Session& session, const absl::Status& status);

// As Fail, for an input that cannot be sent at all. `problem` is in words for
// people, without a line end. Returns kExitUsage.
ExitCode RefuseInput(const Session& session, absl::string_view problem);

// Prints on `err` a warning about a call that succeeded.
void Warn(const Session& session, absl::string_view warning);

// Prints on `err` how something was understood that could mean something else.
void Note(const Session& session, absl::string_view note);

// Returns `message` as indented JSON with the proto names of its fields,
// default values included, and a line end. For `--json`. Pure.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace holysheep::cli

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/json_reader.h"

namespace holysheep::sim {

// What goes wrong with an answer; README.md describes each.
enum class FaultKind {
  kNone,
  // Answers of their own, instead of a completion.
  kRateLimit,
  kServerError,
  kUnavailable,
  kUnauthorized,
  kForbidden,
  kModelNotFound,
  kContextLength,
  kContentFilter,
  kRejectPrefill,
  kFlap,
  kRedirect,
  kHtmlError,
  kEmptyBody,
  kGarbage,
  kOversizedHeaders,
  kReset,
  kSilent,
  // A completion, but late, cut or not as it should be.
  kLate,
  kCut,
  kStall,
  kMalformed,
  kStreamError,
  kNoDone,
  kNoFinish,
  kFilteredFinish,
  kNoUsage,
  kPlainJson,
  kHuge,
  // A completion in an unusual, but legal, form.
  kTinyWrites,
  kCrlf,
  kComments,
  kSplitData,
};

// A fault and its parameters. A value.
struct Fault {
  FaultKind kind = FaultKind::kNone;
  // How many tokens pass before it.
  int after = 0;
  // In seconds; -1 is none.
  int retry_after = -1;
  int megabytes = 0;
  // Silence, lateness, stall or down time; zero silence has no end.
  absl::Duration wait;
  // How long a flapping upstream is up between two down times; zero: for ever.
  absl::Duration up;
  // Between the SSE comments of a stall; zero: there are none.
  absl::Duration heartbeat;
  // Of the same fault: see README.md.
  std::string variant;
};

// A fault together with how often it happens, by default.
struct NamedFault {
  Fault fault;
  int times = -1;
};

// The fault of that name (`cut`) or number (`S08`), with its defaults.
absl::StatusOr<NamedFault> FindFault(absl::string_view name);

// The name under which the counters show a fault.
absl::string_view FaultName(FaultKind kind);

// Sets the one parameter that `NAME:ARG` on the command line means.
absl::Status SetMainParameter(absl::string_view arg, Fault& fault);

// Takes the members of `fault` that are there.
void ReadParameters(ObjectReader& reader, Fault& fault);

}  // namespace holysheep::sim

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/json_reader.h"
#include "sim/wild/wild_kind.h"

namespace holysheep::sim {

// The kinds of faults; README.md describes each.
enum class FaultKind {
  kNone,
  // Answers that replace the completion.
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
  // A completion that is late, incomplete or wrong.
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
  // A completion in an unusual but legal form.
  kTinyWrites,
  kCrlf,
  kComments,
  kSplitData,
  // One of the kinds of --list-wild, which replaces the completion.
  kWild,
};

// A fault and its parameters. A value.
struct Fault {
  FaultKind kind = FaultKind::kNone;
  // The number of tokens before the fault.
  int after = 0;
  // In seconds; -1 for none.
  int retry_after = -1;
  int megabytes = 0;
  // The length of a silence, delay, stall or down time; a silence of zero never
  // ends.
  absl::Duration wait;
  // How long a flapping upstream is up between two down times; zero means for
  // ever.
  absl::Duration up;
  // The time between the SSE comments of a stall; zero for none.
  absl::Duration heartbeat;
  // The variant of the fault: see README.md.
  std::string variant;
  // The kind of kWild, else null. Static.
  const WildKind* wild = nullptr;
};

// A fault, and how often it happens by default.
struct NamedFault {
  Fault fault;
  int times = -1;
};

// Returns the fault with the name (`cut`) or number (`S08`), with its defaults.
absl::StatusOr<NamedFault> FindFault(absl::string_view name);

// Returns the kind of --list-wild with the name, and how often it happens.
absl::StatusOr<NamedFault> FindWildFault(absl::string_view name);

// The name of a fault in the counters.
absl::string_view FaultName(FaultKind kind);

// Sets the parameter that ARG of `NAME:ARG` on the command line stands for.
absl::Status SetMainParameter(absl::string_view arg, Fault& fault);

// Reads the members of `fault` that are present.
void ReadParameters(ObjectReader& reader, Fault& fault);

}  // namespace holysheep::sim

#include "sim/fault.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "sim/wild/wild_kinds.h"

namespace holysheep::sim {
namespace {

// The parameter that ARG on the command line sets.
enum class Main { kNothing, kRetryAfter, kAfter, kWaitMs, kMegabytes };

struct Row {
  absl::string_view name;
  // The number in the catalogue of faults; empty if it has none.
  absl::string_view number;
  FaultKind kind;
  Main main = Main::kNothing;
  int value = 0;
  int times = -1;
};

using F = FaultKind;

constexpr Row kRows[] = {
    {"rate_limit_once", "S01", F::kRateLimit, Main::kRetryAfter, 2, 1},
    {"rate_limit", "S02", F::kRateLimit, Main::kRetryAfter, -1},
    {"server_error_once", "S03", F::kServerError, Main::kNothing, 0, 1},
    {"server_error", "", F::kServerError},
    {"unavailable", "S04", F::kUnavailable, Main::kRetryAfter, -1},
    {"reset", "S05", F::kReset},
    {"silent", "S06", F::kSilent, Main::kWaitMs, 0},
    {"late", "S07", F::kLate, Main::kWaitMs, 20'000},
    {"cut", "S08", F::kCut, Main::kAfter, 40},
    {"stall", "S09", F::kStall, Main::kAfter, 20},
    {"malformed", "S10", F::kMalformed, Main::kAfter, 1},
    {"no_done", "S11", F::kNoDone},
    {"no_finish", "S11b", F::kNoFinish},
    {"context_length", "S12", F::kContextLength},
    {"content_filter", "S13", F::kContentFilter},
    {"filtered_finish", "S13b", F::kFilteredFinish},
    {"reject_prefill", "S14", F::kRejectPrefill},
    {"flap", "S15", F::kFlap, Main::kWaitMs, 60'000},
    {"plain_json", "S16", F::kPlainJson},
    {"unauthorized", "", F::kUnauthorized},
    {"forbidden", "", F::kForbidden},
    {"model_not_found", "", F::kModelNotFound},
    {"redirect", "", F::kRedirect},
    {"html_error", "", F::kHtmlError},
    {"empty_body", "", F::kEmptyBody},
    {"garbage", "", F::kGarbage},
    {"oversized_headers", "", F::kOversizedHeaders},
    {"stream_error", "", F::kStreamError, Main::kAfter, 1},
    {"no_usage", "", F::kNoUsage},
    {"huge", "", F::kHuge, Main::kMegabytes, 16},
    {"tiny_writes", "", F::kTinyWrites},
    {"crlf", "", F::kCrlf},
    {"comments", "", F::kComments},
    {"split_data", "", F::kSplitData},
    {"ok", "", F::kNone},
};

constexpr int kMaxMegabytes = 64;

absl::Status Set(Main main, int value, Fault& fault) {
  switch (main) {
    case Main::kNothing:
      return MakeError(Reason::kInvalidArgument, "this fault has no argument");
    case Main::kRetryAfter:
      fault.retry_after = value;
      break;
    case Main::kAfter:
      fault.after = value;
      break;
    case Main::kWaitMs:
      fault.wait = absl::Milliseconds(value);
      break;
    case Main::kMegabytes:
      if (value > kMaxMegabytes) {
        return InvalidField("fault", "at most 64 megabytes");
      }
      fault.megabytes = value;
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NamedFault> FindFault(absl::string_view name) {
  for (const Row& row : kRows) {
    const bool by_number =
        !row.number.empty() && absl::EqualsIgnoreCase(row.number, name);
    if (row.name != name && !by_number) continue;
    NamedFault found;
    found.fault.kind = row.kind;
    found.times = row.times;
    if (row.main != Main::kNothing) {
      (void)Set(row.main, row.value, found.fault);
    }
    if (row.kind == F::kStall) found.fault.wait = absl::Seconds(30);
    return found;
  }
  return InvalidField("fault", absl::StrCat("no fault is called ", name));
}

absl::StatusOr<NamedFault> FindWildFault(absl::string_view name) {
  const WildKind* kind = FindWildKind(name);
  if (kind == nullptr) {
    return InvalidField("wild",
                        absl::StrCat("no kind is called ", name,
                                     "; holysheep-sim --list-wild names them"));
  }
  NamedFault found;
  found.fault.kind = F::kWild;
  found.fault.wild = kind;
  found.times = kind->times;
  return found;
}

absl::string_view FaultName(FaultKind kind) {
  if (kind == F::kWild) return "wild";
  // The last row of a kind has its general name.
  absl::string_view name;
  for (const Row& row : kRows) {
    if (row.kind == kind) name = row.name;
  }
  return name;
}

absl::Status SetMainParameter(absl::string_view arg, Fault& fault) {
  // A word is a variant (`cut:close`), a number the main parameter.
  int value = 0;
  if (!absl::SimpleAtoi(arg, &value)) {
    fault.variant.assign(arg.data(), arg.size());
    return absl::OkStatus();
  }
  if (value < 0 || value > ObjectReader::kMaxCount) {
    return InvalidField("fault", "the argument is out of range");
  }
  for (const Row& row : kRows) {
    if (row.kind == fault.kind) return Set(row.main, value, fault);
  }
  return absl::OkStatus();
}

void ReadParameters(ObjectReader& reader, Fault& fault) {
  reader.Read("after", fault.after);
  reader.Read("retry_after", fault.retry_after);
  reader.Read("megabytes", fault.megabytes);
  reader.Read("ms", fault.wait);
  reader.Read("up_ms", fault.up);
  reader.Read("heartbeat_ms", fault.heartbeat);
  reader.Read("variant", fault.variant);
  if (fault.megabytes < 0 || fault.megabytes > kMaxMegabytes) {
    reader.Fail("megabytes", "must be 0 to 64");
  }
  if (fault.heartbeat > absl::ZeroDuration() &&
      fault.heartbeat < absl::Milliseconds(10)) {
    reader.Fail("heartbeat_ms", "must be 10 or more");
  }
}

}  // namespace holysheep::sim

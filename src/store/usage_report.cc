#include "store/usage_report.h"

#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "chat/cost.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/capped_sum.h"

namespace holysheep {
// Days are compared as text, which is right for YYYY-MM-DD; CheckDay therefore
// insists on ten characters. A page_token is hexadecimal: a digest of what the
// request asks for, and then the names of the last row on the page.

namespace {

absl::Status CheckDay(absl::string_view field, const std::string& day) {
  constexpr size_t kLength = 10;
  if (day.empty()) return absl::OkStatus();
  absl::Time parsed;
  std::string error;
  if (day.size() == kLength &&
      absl::ParseTime("%Y-%m-%d", day, &parsed, &error)) {
    return absl::OkStatus();
  }
  return InvalidField(field, "must be a day such as 2026-03-31");
}

bool IsWanted(const UsageRow& row, const pb::GetUsageRequest& request) {
  const auto is = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  return (request.from_day().empty() || row.day >= request.from_day()) &&
         (request.to_day().empty() || row.day <= request.to_day()) &&
         is(request.model(), row.model) && is(request.caller(), row.caller) &&
         is(request.app(), row.app);
}

// The hour of the last charge has no meaning in a sum and is left out.
void Add(const UsageRow& row, UsageRow& sum) {
  sum.calls += row.calls;
  for (int64_t UsageRow::*const count :
       {&UsageRow::prompt_tokens, &UsageRow::completion_tokens,
        &UsageRow::total_tokens, &UsageRow::cached_prompt_tokens,
        &UsageRow::cache_write_tokens, &UsageRow::reasoning_tokens}) {
    sum.*count = CappedSum(sum.*count, row.*count);
  }
  sum.estimated = sum.estimated || row.estimated;
  sum.total += row.total;
  sum.prompt += row.prompt;
  sum.completion += row.completion;
  sum.official += row.official;
  sum.saved += row.saved;
  sum.attempts += row.attempts;
  sum.charged += row.charged;
}

void Write(const UsageRow& row, pb::UsageRow& out) {
  out.set_day(row.day);
  out.set_model(row.model);
  out.set_caller(row.caller);
  out.set_app(row.app);
  out.set_calls(row.calls);
  pb::UsageTotals& usage = *out.mutable_usage();
  usage.set_prompt_tokens(row.prompt_tokens);
  usage.set_completion_tokens(row.completion_tokens);
  usage.set_total_tokens(row.total_tokens);
  usage.set_cached_prompt_tokens(row.cached_prompt_tokens);
  usage.set_cache_write_tokens(row.cache_write_tokens);
  usage.set_reasoning_tokens(row.reasoning_tokens);
  usage.set_estimated(row.estimated);
  WriteCost(
      {row.total, row.prompt, row.completion, row.official, row.saved, {}},
      *out.mutable_cost());
  out.set_attempts(row.attempts);
  // Charges that no answer reports, such as those of failed attempts.
  out.set_unreported((row.charged - row.total).ToString());
}

constexpr int kDefaultPage = 1000;
// Below the 4 MiB that clients of gRPC take at most, unless set otherwise.
constexpr size_t kMaxPageBytes = size_t{3} << 20;
constexpr size_t kDigestBytes = 8;

// Whether the row comes before another by its names or has the same.
bool IsUpTo(const UsageRow& row, const pb::UsageRow& place) {
  return std::tie(row.day, row.model, row.caller, row.app) <=
         std::tie(place.day(), place.model(), place.caller(), place.app());
}

// Tells a token of another request, or a made-up one, from one of this.
std::string DigestOf(const pb::GetUsageRequest& request) {
  std::string asked;
  for (const std::string* part :
       {&request.from_day(), &request.to_day(), &request.model(),
        &request.caller(), &request.app()}) {
    absl::StrAppend(&asked, part->size(), ":", *part);
  }
  return Sha256(asked).substr(0, kDigestBytes);
}

std::string TokenAfter(const pb::UsageRow& row,
                       const pb::GetUsageRequest& request) {
  pb::UsageRow place;
  place.set_day(row.day());
  place.set_model(row.model());
  place.set_caller(row.caller());
  place.set_app(row.app());
  return absl::BytesToHexString(
      absl::StrCat(DigestOf(request), place.SerializeAsString()));
}

// The last row before the page; for the first page one before all rows.
absl::StatusOr<pb::UsageRow> BeginOf(const pb::GetUsageRequest& request) {
  pb::UsageRow place;
  if (request.page_token().empty()) return place;
  const auto bytes = BytesOfHex(request.page_token());
  if (!bytes.has_value() ||
      bytes->substr(0, kDigestBytes) != DigestOf(request) ||
      !place.ParseFromString(bytes->substr(kDigestBytes))) {
    return InvalidField("page_token",
                        "must be the next_page_token of an answer to the same "
                        "request");
  }
  return place;
}

absl::Status Check(const pb::GetUsageRequest& request) {
  absl::Status good = CheckDay("from_day", request.from_day());
  good.Update(CheckDay("to_day", request.to_day()));
  if (request.page_size() < 0) {
    good.Update(InvalidField(
        "page_size",
        absl::StrCat("must be at least 0, is ", request.page_size())));
  }
  return good;
}

}  // namespace

absl::StatusOr<pb::GetUsageResponse> ReportUsage(
    const UsageLedger& ledger, const pb::GetUsageRequest& request,
    AppNames name_of) {
  const absl::Status good = Check(request);
  if (!good.ok()) return good;
  const absl::StatusOr<pb::UsageRow> begin = BeginOf(request);
  if (!begin.ok()) return begin.status();
  const int most =
      request.page_size() == 0 ? kDefaultPage : request.page_size();
  pb::GetUsageResponse response;
  UsageRow total;
  size_t bytes = 0;
  for (const UsageRow& row : ledger.Rows()) {
    if (!IsWanted(row, request)) continue;
    Add(row, total);
    if (IsUpTo(row, *begin) || !response.next_page_token().empty()) continue;
    pb::UsageRow written;
    Write(row, written);
    written.set_app_name(std::string(name_of(row.app)));
    bytes += written.ByteSizeLong();
    if (response.rows_size() == most || bytes > kMaxPageBytes) {
      response.set_next_page_token(
          TokenAfter(response.rows(response.rows_size() - 1), request));
      continue;
    }
    *response.add_rows() = std::move(written);
  }
  Write(total, *response.mutable_total());
  return response;
}

}  // namespace holysheep

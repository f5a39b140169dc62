#include "sim/wild/wild_plan.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "sim/json_reader.h"
#include "zlib.h"

namespace holysheep::sim {
namespace {

using rapidjson::Value;

const Value* MemberOf(const Value& object, absl::string_view name) {
  if (!object.IsObject()) return nullptr;
  const auto member = object.FindMember(
      Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  return member == object.MemberEnd() ? nullptr : &member->value;
}

bool WantsJsonObject(const Value& request) {
  const Value* format = MemberOf(request, "response_format");
  const Value* type = format == nullptr ? nullptr : MemberOf(*format, "type");
  return type != nullptr && type->IsString() &&
         absl::string_view(type->GetString()) == "json_object";
}

bool AnyMessageHas(const Value& request, absl::string_view word) {
  const Value* messages = MemberOf(request, "messages");
  if (messages == nullptr || !messages->IsArray()) return false;
  for (const Value& message : messages->GetArray()) {
    const Value* content = MemberOf(message, "content");
    if (content != nullptr && content->IsString() &&
        absl::StrContains(absl::AsciiStrToLower(content->GetString()), word)) {
      return true;
    }
  }
  return false;
}

bool Applies(const WildRefusal& refusal, const Value& request,
             absl::string_view body) {
  const Value* member = MemberOf(request, refusal.member);
  switch (refusal.when) {
    case WildRefusal::When::kHas:
      return member != nullptr;
    case WildRefusal::When::kHasBoth:
      return member != nullptr && MemberOf(request, refusal.other) != nullptr;
    case WildRefusal::When::kIsNotOne:
      return member != nullptr &&
             !(member->IsNumber() && member->GetDouble() == 1);
    case WildRefusal::When::kLacks:
      return WantsJsonObject(request) && !AnyMessageHas(request, refusal.other);
    case WildRefusal::When::kHolds:
      return absl::StrContains(body, refusal.other);
  }
  return false;
}

std::optional<Plan> PlanRefusal(const WildKind& kind,
                                const WildRequest& request, Head head) {
  const absl::StatusOr<rapidjson::Document> json = ParseJson(request.body);
  if (!json.ok()) return std::nullopt;
  for (const WildRefusal& refusal : kind.refusals) {
    if (!Applies(refusal, *json, request.body)) continue;
    head.status = refusal.status;
    return WholePlan(head, std::string(refusal.body));
  }
  return std::nullopt;
}

std::string Gzip(absl::string_view text) {
  // Window bits from 16 on are of gzip.
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in =
      const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Pieces without a pause between them go out in one write.
std::vector<Write> WritesOf(const WildKind& kind) {
  std::vector<Write> writes;
  for (const WildPiece& piece : kind.stream) {
    if (writes.empty() || piece.pause_ms > 0) {
      writes.push_back(
          {.delay = absl::Milliseconds(piece.pause_ms), .bytes = {}});
    }
    writes.back().bytes += piece.raw ? std::string(piece.data)
                                     : EncodeEvent(piece.data, SseStyle());
  }
  if (kind.gzip) {
    for (Write& write : writes) write.bytes = Gzip(write.bytes);
  }
  return writes;
}

Plan PlanPieces(const WildKind& kind, const WildRequest& request, Head head) {
  head.content_type = "text/event-stream";
  Plan plan =
      StreamedPlan(head, WritesOf(kind),
                   request.chunked ? Framing::kChunked : Framing::kClose,
                   /*whole=*/kind.end == WildKind::End::kProper);
  if (kind.end == WildKind::End::kOpen) plan.ending = Ending::kHang;
  return plan;
}

}  // namespace

std::optional<Plan> PlanWild(const WildKind& kind, const WildRequest& request) {
  Head head;
  head.status = kind.status;
  head.request_id = request.request_id;
  if (!kind.refusals.empty()) {
    return PlanRefusal(kind, request, std::move(head));
  }
  for (absl::string_view line :
       absl::StrSplit(kind.headers, "\r\n", absl::SkipEmpty())) {
    head.extra.emplace_back(absl::StrSplit(line, absl::MaxSplits(": ", 1)));
  }
  if (kind.gzip) head.extra.emplace_back("content-encoding", "gzip");
  const bool pieces =
      !kind.stream.empty() && (request.stream || kind.whole.empty());
  if (pieces) return PlanPieces(kind, request, std::move(head));
  head.content_type = kind.content_type;
  return WholePlan(head,
                   kind.gzip ? Gzip(kind.whole) : std::string(kind.whole));
}

}  // namespace holysheep::sim

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <string>

#include "cli/bench/bench_report.h"

namespace holysheep::cli {
namespace {

constexpr int kJsonBins = 60;

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

double JsonMillis(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

void Number(Writer& json, const char* name, double value) {
  json.Key(name);
  json.Double(value);
}

void Count(Writer& json, const char* name, int64_t value) {
  json.Key(name);
  json.Int64(value);
}

void Text(Writer& json, const char* name, const std::string& value) {
  json.Key(name);
  json.String(value.c_str());
}

void Setup(Writer& json, const BenchSetup& setup) {
  json.Key("setup");
  json.StartObject();
  Text(json, "target", setup.target);
  Count(json, "calls", setup.calls);
  Count(json, "concurrency", setup.concurrency);
  Number(json, "rate_per_s", setup.rate);
  json.Key("stream");
  json.Bool(setup.stream);
  json.Key("batch");
  json.Bool(setup.batch);
  Text(json, "prompts", setup.prompts);
  json.EndObject();
}

void Times(Writer& json, const char* name,
           const load::LatencyHistogram& times) {
  json.Key(name);
  json.StartObject();
  Number(json, "avg", JsonMillis(times.Mean()));
  Number(json, "min", JsonMillis(times.min()));
  Number(json, "p50", JsonMillis(times.Percentile(50)));
  Number(json, "p95", JsonMillis(times.Percentile(95)));
  Number(json, "p99", JsonMillis(times.Percentile(99)));
  Number(json, "max", JsonMillis(times.max()));
  json.EndObject();
}

void Histogram(Writer& json, const load::LatencyHistogram& times) {
  json.Key("histogram");
  json.StartArray();
  for (const auto& bin : times.Bins(kJsonBins)) {
    json.StartObject();
    Number(json, "from_ms", JsonMillis(bin.from));
    Number(json, "to_ms", JsonMillis(bin.to));
    Count(json, "count", bin.count);
    json.EndObject();
  }
  json.EndArray();
}

void Failures(Writer& json, const BenchReport& report) {
  json.Key("failures");
  json.StartObject();
  for (const auto& [reason, count] : report.failures) {
    Count(json, reason.c_str(), count);
  }
  json.EndObject();
}

}  // namespace

std::string BenchJson(const BenchReport& report) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.SetIndent(' ', 1);
  json.SetMaxDecimalPlaces(6);
  json.StartObject();
  Setup(json, report.setup);
  Number(json, "elapsed_s", absl::ToDoubleSeconds(report.elapsed));
  Number(json, "throughput_per_s", report.Throughput());
  Count(json, "succeeded", report.succeeded);
  Count(json, "failed", report.failed);
  Failures(json, report);
  Count(json, "cached", report.cached);
  Count(json, "joined", report.joined);
  Count(json, "tokens", report.tokens);
  Times(json, "latency_ms", report.latency);
  if (report.first_token.count() > 0) {
    Times(json, "first_token_ms", report.first_token);
  }
  Histogram(json, report.latency);
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace holysheep::cli

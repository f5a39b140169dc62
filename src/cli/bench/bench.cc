#include "cli/bench/bench.h"

#include <fstream>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/bench/batch_load.h"
#include "cli/bench/bench_report.h"
#include "cli/bench/load.h"
#include "cli/bench/prompt_plan.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

constexpr char kPrompt[] = "Name one fact about sheep.";

// The time of the start tells this run's prompts from those of earlier ones,
// which the cache may still hold.
PromptOptions PromptsOf(const BenchOptions& options) {
  PromptOptions prompts;
  prompts.prompt =
      options.words.empty() ? kPrompt : absl::StrJoin(options.words, " ");
  prompts.unique = options.unique;
  prompts.repeat = options.repeat.value_or(-1);
  prompts.run = absl::StrCat(absl::ToUnixMicros(absl::Now()));
  return prompts;
}

load::LoadPlan PlanOf(const BenchOptions& options, int64_t calls) {
  return {calls, options.concurrency, options.rate, options.stream};
}

// Calls of the warm-up go through the same plan of prompts, so that they also
// fill the cache.
class Bench {
 public:
  Bench(const Session& session, const BenchOptions& options)
      : session_(session),
        options_(options),
        prompts_(PromptsOf(options)),
        request_(MakeRequest(options.request)) {
    report_.setup = {session.settings.address,
                     options.calls,
                     options.concurrency,
                     options.rate,
                     options.stream,
                     prompts_.Describe(),
                     options.batch};
  }

  ExitCode Run() {
    absl::Status status = Load(options_.warm_up, [](const CallSample&) {});
    if (status.ok()) {
      status = Load(options_.calls,
                    [this](const CallSample& sample) { report_.Add(sample); });
    }
    if (!status.ok() && !absl::IsCancelled(status)) {
      return Fail(session_, status);
    }
    const ExitCode printed = Print();
    if (!status.ok()) return Fail(session_, status);
    if (printed != kExitOk) return printed;
    return report_.failed > 0 ? kExitFailed : kExitOk;
  }

 private:
  absl::Status Load(int64_t calls, OnSample on_sample) {
    if (calls == 0) return absl::OkStatus();
    const load::LoadPlan plan = PlanOf(options_, calls);
    const auto next = [this](pb::InvokeRequest& request) {
      if (request.query().empty()) request = request_;
      prompts_.Next(request);
    };
    return options_.batch ? RunBatchLoad(session_.node, plan, next, on_sample)
                          : RunLoad(session_.settings, plan, session_.interrupt,
                                    next, on_sample);
  }

  // Also after an interrupt: the calls that ended are worth showing.
  ExitCode Print() {
    const Console& console = session_.console;
    console.out << (options_.json ? BenchJson(report_)
                                  : BenchText(report_, console.columns))
                << std::flush;
    return options_.html_file.empty() ? kExitOk : WritePage();
  }

  // A file that cannot be opened is a wrong argument; a failed write is not.
  ExitCode WritePage() {
    std::ofstream file(options_.html_file, std::ios::binary | std::ios::trunc);
    const ExitCode code = file ? kExitFailed : kExitUsage;
    file << BenchHtml(report_);
    file.close();
    if (file.fail()) {
      RefuseInput(session_, "cannot write " + options_.html_file);
      return code;
    }
    session_.console.err << "wrote " << options_.html_file << std::endl;
    return kExitOk;
  }

  const Session& session_;
  const BenchOptions& options_;
  PromptPlan prompts_;
  const pb::InvokeRequest request_;
  BenchReport report_;
};

}  // namespace

ExitCode RunBench(const Session& session, const BenchOptions& options) {
  return Bench(session, options).Run();
}

}  // namespace holysheep::cli

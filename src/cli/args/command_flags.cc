#include "cli/args/command_flags.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cli/args/request_flags.h"
#include "cli/args/whole_words.h"
#include "cli/bench/bench.h"
#include "cli/commands/chat.h"
#include "cli/commands/cost.h"
#include "cli/commands/health.h"
#include "cli/commands/invoke.h"
#include "cli/commands/models.h"
#include "cli/commands/purge.h"
#include "cli/commands/stats.h"
#include "cli/commands/usage.h"
#include "cli/commands/usage_sums.h"
#include "cli/commands/validate.h"

namespace holysheep::cli {
namespace {

// For commands whose only flag is --json.
void OnCallWithJson(CLI::App* command, Chosen& chosen,
                    ExitCode (*run)(const Session&, bool json)) {
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print the whole response as JSON");
  command->callback([json, run, &chosen] {
    chosen = [json, run](const Session& session) {
      return run(session, *json);
    };
  });
}

// Each function declares one command. Options live in a shared_ptr that the
// command's callback keeps; bounds here only catch typing errors, the service
// decides.
void AddInvoke(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "invoke", "Ask one question; the answer streams to the terminal");
  const auto options = OnCall<InvokeOptions>(command, chosen, RunInvoke);
  AddWords(command, "QUERY", options->words,
           "The question; `-` is the standard input, which is also read if "
           "there is no question");
  command->add_flag("--no-stream", options->at_once,
                    "Print the answer when it is complete");
  command->add_flag("--json", options->json,
                    "Print the whole response as JSON");
  command->add_flag("-q,--quiet", options->quiet,
                    "No line about tokens, cost and time");
  AddRequestFlags(command, options->request);
}

void AddChat(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "chat", "Talk; /reset starts over, /exit or Ctrl-D ends");
  const auto options = OnCall<ChatOptions>(command, chosen, RunChat);
  command->add_flag("-q,--quiet", options->quiet,
                    "No lines about tokens, cost and time");
  AddRequestFlags(command, options->request);
}

void AddCost(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "cost", "What a text or token counts cost, against the official price");
  const auto options = OnCall<CostOptions>(command, chosen, RunCost);
  AddWords(command, "TEXT", options->words,
           "A question to estimate; `-` is the standard input");
  command->add_option("-m,--model", options->model, "Model id; see `models`")
      ->type_name("ID");
  command
      ->add_option("--prompt-tokens", options->prompt_tokens,
                   "Tokens of the question, instead of a text")
      ->type_name("N");
  command
      ->add_option("--completion-tokens", options->completion_tokens,
                   "Tokens of the answer, instead of a text")
      ->type_name("N");
  command
      ->add_option("--cached-prompt-tokens", options->cached_prompt_tokens,
                   "How many of the question's are in the upstream's cache")
      ->type_name("N");
  command
      ->add_option("--cache-write-tokens", options->cache_write_tokens,
                   "How many of the question's are written to that cache")
      ->type_name("N");
  command
      ->add_option("--max-tokens", options->max_tokens,
                   "Longest answer to the text")
      ->type_name("N");
  command->add_flag("--json", options->json,
                    "Print the whole response as JSON");
}

// How the calls are made; the default is one by one.
void AddMannerFlags(CLI::App* command, BenchOptions& options) {
  CLI::Option* stream = command->add_flag(
      "--stream", options.stream, "Stream, and report the first token, too");
  CLI::Option* rate =
      command
          ->add_option("--rate", options.rate,
                       "Start so many calls a second whether or not others "
                       "have ended; times count from when a call was due")
          ->check(CLI::Range(0.001, 1'000'000.0))
          ->type_name("X");
  command
      ->add_flag("--batch", options.batch,
                 "Send the calls as the items of one batch")
      ->excludes(stream)
      ->excludes(rate);
}

void AddLoadFlags(CLI::App* command, BenchOptions& options) {
  command->add_option("-n,--calls", options.calls, "How many calls")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("-c,--concurrency", options.concurrency,
                   "At most so many at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--warm-up", options.warm_up, "Calls that do not count")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  AddMannerFlags(command, options);
}

void AddBench(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "bench", "Measure latency and throughput over the service");
  const auto options = OnCall<BenchOptions>(command, chosen, RunBench);
  AddWords(command, "PROMPT", options->words, "What to ask");
  AddLoadFlags(command, *options);
  CLI::Option* unique = command->add_flag(
      "--unique", options->unique, "A new prompt each time, past the cache");
  command
      ->add_option("--repeat", options->repeat,
                   "Share of calls that repeat an earlier prompt, such as 0.35")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(unique)
      ->type_name("X");
  command->add_flag("--json", options->json, "Print the report as JSON");
  command
      ->add_option("--html", options->html_file, "Write a page with plots, too")
      ->type_name("FILE");
  AddRequestFlags(command, options->request);
}

void AddHealth(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "health", "Whether the service is serving; ends with 0 only if so");
  const auto wait = std::make_shared<double>(0);
  command->add_option("--wait", *wait, "Wait so long for it to serve")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86'400.0));
  command->callback([wait, &chosen] {
    chosen = [wait](const Session& session) {
      return RunHealth(session, absl::Seconds(*wait));
    };
  });
}

void AddUsage(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "usage", "What was used and paid, by day, model, caller and app");
  const auto options = OnCall<UsageOptions>(command, chosen, RunUsage);
  command->add_option("--from", options->from, "First day, UTC")
      ->type_name("YYYY-MM-DD");
  command->add_option("--to", options->to, "Last day, UTC")
      ->type_name("YYYY-MM-DD");
  command->add_option("-m,--model", options->model, "Only this model")
      ->type_name("ID");
  command->add_option("--caller", options->caller, "Only this caller")
      ->type_name("NAME");
  command->add_option("--app", options->app, "Only this app")->type_name("ID");
  command
      ->add_option("--by", options->by, "Sum up by day, model, caller or app")
      ->check(
          CLI::IsMember(std::vector<std::string>(std::begin(kUsageDimensions),
                                                 std::end(kUsageDimensions)))
              .description(""))
      ->type_name("WHAT");
  command->add_flag("--json", options->json,
                    "Print the whole response as JSON");
}

void AddPurge(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("purge", "Drop answers from the cache");
  const auto options = OnCall<PurgeOptions>(command, chosen, RunPurge);
  CLI::Option_group* target = command->add_option_group("What");
  target->set_help_flag();
  target->add_flag("--all", options->all, "All answers");
  // CLI11 itself makes an empty text an unset option.
  const auto set = [](std::optional<std::string>& option) {
    return [&option](const std::string& value) { option = value; };
  };
  target
      ->add_option_function<std::string>("-m,--model", set(options->model),
                                         "This model's answers")
      ->type_name("ID");
  target
      ->add_option_function<std::string>("--namespace",
                                         set(options->cache_namespace),
                                         "The answers of this namespace")
      ->type_name("NAME");
  target->require_option(1);
  command->add_flag("--json", options->json,
                    "Print the whole response as JSON");
}

}  // namespace

void AddAskingCommands(CLI::App& app, Chosen& chosen) {
  AddInvoke(app, chosen);
  AddChat(app, chosen);
  OnCallWithJson(app.add_subcommand("models", "The models, with their prices"),
                 chosen, RunModels);
  AddCost(app, chosen);
  AddBench(app, chosen);
}

void AddAdminCommands(CLI::App& app, Chosen& chosen) {
  OnCallWithJson(
      app.add_subcommand("validate",
                         "Whether service, upstream and key work together"),
      chosen, RunValidate);
  AddHealth(app, chosen);
  OnCallWithJson(
      app.add_subcommand("stats", "Calls, cache and circuit breakers"), chosen,
      RunStats);
  AddUsage(app, chosen);
  AddPurge(app, chosen);
}

}  // namespace holysheep::cli

#include <string>

#include "cli/args/command_flags.h"
#include "cli/args/request_flags.h"
#include "cli/batch/batch.h"
#include "cli/commands/workflow.h"

namespace holysheep::cli {
namespace {

// `--resume` and `--retry-errors` are checked together in RunBatch, which
// explains more than a parser can.
void AddBatch(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "batch", "Ask for every item of a file; a line of JSON for each comes");
  const auto options = OnCall<BatchOptions>(command, chosen, RunBatch);
  command
      ->add_option("IN", options->input,
                   "Items: JSON lines, CSV with a header row, or plain lines")
      ->required();
  command->add_option("OUT", options->output, "Results: JSON lines")
      ->required();
  command->add_option("--format", options->format, "Of IN [by its extension]")
      ->check(CLI::IsMember({"jsonl", "csv", "lines"}).description(""))
      ->type_name("jsonl|csv|lines");
  command->add_flag("--resume", options->resume,
                    "Go on where an earlier run was interrupted");
  command->add_flag("--retry-errors", options->retry_errors,
                    "With --resume: ask failed items again");
  command->add_flag("--dry-run", options->dry_run,
                    "Estimate what it would cost, and ask nothing");
  command
      ->add_option_function<std::string>(
          "--on-bad-line",
          [options = options.get()](const std::string& what) {
            options->skip_bad_lines = what == "skip";
          },
          "What to do about a broken line [stop]")
      ->check(CLI::IsMember({"skip", "stop"}).description(""))
      ->type_name("skip|stop");
  command
      ->add_option("-c,--concurrency", options->max_open,
                   "Items under way, at most")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("-q,--quiet", options->quiet, "No progress");
  AddRequestFlags(command, options->request);
}

void AddWorkflow(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "workflow", "Run the steps of a YAML or JSON file, one after the other");
  const auto options = OnCall<WorkflowOptions>(command, chosen, RunWorkflow);
  command->add_option("FILE", options->file, "query, steps and stop_on_error")
      ->required();
  command->add_option("--query", options->query, "Instead of that of the file")
      ->type_name("TEXT");
  command->add_flag("--stop-on-error", options->stop_on_error,
                    "End at the first step that fails");
  command->add_flag("--json", options->json,
                    "Print the events as lines of JSON");
  command->add_flag("-q,--quiet", options->quiet,
                    "No lines about steps, tokens, cost and time");
}

}  // namespace

void AddJobCommands(CLI::App& app, Chosen& chosen) {
  AddBatch(app, chosen);
  AddWorkflow(app, chosen);
}

}  // namespace holysheep::cli

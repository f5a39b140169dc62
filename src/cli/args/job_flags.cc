#include <string>

#include "cli/args/command_flags.h"
#include "cli/args/request_flags.h"
#include "cli/batch/batch.h"
#include "cli/commands/workflow.h"

namespace holysheep::cli {
namespace {

// How the input is read and the output is written. Values are checked by
// RunBatch, which knows the files.
void AddFileFlags(CLI::App* command, BatchOptions& options) {
  constexpr char kFileGroup[] = "Files";
  const auto add = [command, &kFileGroup](const char* flag, std::string& value,
                                          const char* meaning) {
    return command->add_option(flag, value, meaning)->group(kFileGroup);
  };
  add("--format", options.reading.format, "Of IN [by its extension]")
      ->check(CLI::IsMember({"jsonl", "csv", "lines"}).description(""))
      ->type_name("jsonl|csv|lines");
  add("--encoding", options.reading.encoding,
      "Of IN, as iconv calls it: GBK, Big5, Shift-JIS, windows-1252 [UTF-8]")
      ->type_name("NAME");
  add("--delimiter", options.reading.delimiter,
      "Of a CSV file IN: a character or comma, semicolon, tab, pipe [by its "
      "header]")
      ->type_name("CHARACTER");
  command
      ->add_option("--column", options.reading.columns,
                   "The column of a field, such as query=Frage; may be "
                   "repeated")
      ->allow_extra_args(false)
      ->type_name("FIELD=NAME")
      ->group(kFileGroup);
  add("--output-format", options.output_format,
      "Of OUT [by its extension, or as IN]")
      ->check(CLI::IsMember({"jsonl", "csv", "openai"}).description(""))
      ->type_name("jsonl|csv|openai");
  command
      ->add_flag("--no-bom", options.no_mark,
                 "Leave out the mark by which Excel knows that CSV is UTF-8")
      ->group(kFileGroup);
}

// `--resume` and `--retry-errors` are checked together in RunBatch, which
// explains more than a parser can.
void AddBatch(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "batch", "Ask for every item of a file; a line or row for each comes");
  const auto options = OnCall<BatchOptions>(command, chosen, RunBatch);
  command
      ->add_option("IN", options->input,
                   "Items: JSON lines, ours or OpenAI's, CSV with a header "
                   "row, or plain lines; `-` is the standard input")
      ->required();
  command
      ->add_option("OUT", options->output,
                   "Results: JSON lines, ours or OpenAI's, or CSV; `-` is the "
                   "standard output")
      ->required();
  AddFileFlags(command, *options);
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

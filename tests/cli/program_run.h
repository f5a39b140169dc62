#pragma once

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/args/command_line.h"
#include "cli/client/interrupt.h"
#include "cli/terminal/console.h"
#include "cli/terminal/line_editor.h"

namespace holysheep::cli {

// A string that tells when it is flushed: what a person sees by then.
class SeenBuffer final : public std::stringbuf {
 public:
  std::function<void(const std::string& seen)> on_flush;
  // Whether there is no room for it, as on a full disk.
  bool is_full = false;

 private:
  int sync() override {
    if (is_full) return -1;
    if (on_flush) on_flush(str());
    return 0;
  }
};

// The whole program in this process, with an environment of its own.
struct ProgramRun {
  explicit ProgramRun(std::string address) { Use(std::move(address)); }
  ProgramRun() = default;

  // Talks to the service at `address` from now on.
  void Use(std::string address) {
    environment["HOLYSHEEP_ADDRESS"] = std::move(address);
  }

  ExitCode operator()(const std::vector<std::string>& args) {
    std::istringstream in(input);
    std::ostream out_stream(&out_buffer);
    std::ostringstream err_stream;
    Console console{in, out_stream, err_stream};
    console.in_is_terminal = in_is_terminal;
    console.out_is_terminal = out_is_terminal;
    console.edit_lines = edit_lines;
    const ExitCode code = RunProgram(
        args, console,
        [this](const std::string& name) {
          const auto found = environment.find(name);
          return found == environment.end() ? "" : found->second;
        },
        interrupt);
    out = out_buffer.str();
    err = err_stream.str();
    return code;
  }

  std::map<std::string, std::string> environment;
  std::string input;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  std::function<std::unique_ptr<LineEditor>()> edit_lines;
  Interrupt interrupt;
  SeenBuffer out_buffer;

  std::string out;
  std::string err;
};

}  // namespace holysheep::cli

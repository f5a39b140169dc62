#include "cli/args/whole_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace holysheep::cli {
namespace {

constexpr char kMark = '\0';

}  // namespace

std::vector<std::string> MarkWords(std::vector<std::string> args) {
  for (std::string& arg : args) {
    if (absl::StartsWith(arg, "[") && absl::EndsWith(arg, "]")) arg += kMark;
  }
  return args;
}

std::string Unmarked(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), kMark), text.end());
  return text;
}

void UnmarkOptions(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) option->transform(Unmarked);
  for (CLI::App* part : app.get_subcommands({})) UnmarkOptions(*part);
}

void AddWords(CLI::App* command, const std::string& name,
              std::vector<std::string>& words, const std::string& meaning) {
  // Taken one by one: as a whole, {} would be converted to no words.
  command
      ->add_option_function<std::vector<std::string>>(
          name, [](const std::vector<std::string>&) {}, meaning)
      ->each([&words](std::string word) { words.push_back(std::move(word)); });
}

}  // namespace holysheep::cli

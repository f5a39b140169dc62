#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// CLI11 reads a word such as [3,1,2] as a list of three and {} as an empty one,
// but the words of a question are to arrive as they were typed. So a word in
// brackets goes through the parser with a mark that no argument can hold.
namespace holysheep::cli {

std::vector<std::string> MarkWords(std::vector<std::string> args);

// `text` without marks.
std::string Unmarked(std::string text);

// Lets every option of `app` and of its commands see words without marks.
void UnmarkOptions(CLI::App& app);

// An option for any number of words, which flags may stand between. `words`
// must outlive `command`.
void AddWords(CLI::App* command, const std::string& name,
              std::vector<std::string>& words, const std::string& meaning);

}  // namespace holysheep::cli

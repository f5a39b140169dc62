#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// CLI11 reads a word such as [3,1,2] as a list of three and {} as an empty
// list, but the words of a question have to arrive as they were typed. A word
// in brackets therefore passes through the parser with a mark that no argument
// can contain.
namespace holysheep::cli {

// Returns `args` with marks where they are needed. The mark is a NUL byte,
// which no argument of a process can hold.
std::vector<std::string> MarkWords(std::vector<std::string> args);

// Returns `text` without marks. For texts that quote an argument, such as
// errors.
std::string Unmarked(std::string text);

// Makes every option of `app` and of its commands receive words without marks.
// Call it once, after all options have been declared.
void UnmarkOptions(CLI::App& app);

// Adds an option for any number of words, with flags allowed between them.
// `words` must outlive `command`.
void AddWords(CLI::App* command, const std::string& name,
              std::vector<std::string>& words, const std::string& meaning);

}  // namespace holysheep::cli

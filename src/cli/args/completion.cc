#include "cli/args/completion.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace holysheep::cli {
namespace {

using Words = std::vector<CompletionWord>;

std::string JustWords(const Words& words) {
  return absl::StrJoin(words, " ",
                       [](std::string* out, const CompletionWord& word) {
                         absl::StrAppend(out, word.word);
                       });
}

Words Names(const CompletionTree& tree) {
  Words names;
  for (const CompletionCommand& command : tree.commands) {
    names.push_back(command.name);
  }
  return names;
}

// Escapes a text for single quotes.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string ValuesOf(const CompletionWord& word) {
  return absl::StrJoin(word.values, " ");
}

// Returns the arms of a `case`, in bash and zsh, for every flag with values:
// `COMMAND FLAG) BEGIN VALUES END`.
std::string ValueCases(const CompletionTree& tree, absl::string_view begin,
                       absl::string_view end) {
  std::string cases;
  for (const CompletionCommand& command : tree.commands) {
    for (const CompletionWord& flag : command.flags) {
      if (flag.values.empty()) continue;
      absl::StrAppend(&cases, "    '", command.name.word, " ", flag.word, "') ",
                      begin, ValuesOf(flag), end, " ;;\n");
    }
  }
  return cases;
}

// The first word that names a command decides; after it, flags are offered only
// for a word that begins with a dash.
std::string Bash(const CompletionTree& tree) {
  std::string cases;
  for (const CompletionCommand& command : tree.commands) {
    absl::StrAppend(&cases, "    ", command.name.word, ") flags+=\" ",
                    JustWords(command.flags), "\" words=\"",
                    ValuesOf(command.name), "\" ;;\n");
  }
  return absl::StrCat(
      "_holysheepctl() {\n"
      "  local word command='' words current=${COMP_WORDS[COMP_CWORD]}\n"
      "  local flags=\"",
      JustWords(tree.flags),
      "\"\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \" ",
      JustWords(Names(tree)),
      " \" in\n"
      "      *\" $word \"*) command=$word; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $command in\n",
      cases, "    *) words=\"", JustWords(Names(tree)),
      "\" ;;\n"
      "  esac\n"
      "  [[ $current != -* ]] || words=$flags\n"
      "  case \"$command ${COMP_WORDS[COMP_CWORD-1]}\" in\n",
      ValueCases(tree, "words=\"", "\""),
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -o default -F _holysheepctl holysheepctl\n");
}

// _describe expects word:meaning.
std::string ZshList(const Words& words) {
  return absl::StrJoin(
      words, " ", [](std::string* out, const CompletionWord& word) {
        absl::StrAppend(out,
                        Quoted(absl::StrCat(word.word, ":", word.meaning)));
      });
}

// The meanings are shown next to the words.
std::string Zsh(const CompletionTree& tree) {
  std::string cases;
  for (const CompletionCommand& command : tree.commands) {
    absl::StrAppend(&cases, "    ", command.name.word, ") flags+=(",
                    ZshList(command.flags), ") values=(",
                    ValuesOf(command.name), ") ;;\n");
  }
  return absl::StrCat(
      "#compdef holysheepctl\n"
      "_holysheepctl() {\n"
      "  local -a commands flags values\n"
      "  commands=(",
      ZshList(Names(tree)),
      ")\n"
      "  flags=(",
      ZshList(tree.flags),
      ")\n"
      "  local word command=''\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    if (( ${commands[(I)$word:*]} )); then command=$word; break; fi\n"
      "  done\n"
      "  case $command in\n",
      cases,
      "    *) _describe command commands ;;\n"
      "  esac\n"
      "  case \"$command ${words[CURRENT-1]}\" in\n",
      ValueCases(tree, "compadd ", "; return"),
      "  esac\n"
      "  if [[ $PREFIX == -* ]]; then _describe flag flags\n"
      "  elif (( $#values )); then compadd $values\n"
      "  elif [[ -n $command ]]; then _files; fi\n"
      "}\n"
      // Autoloaded as a file, the first call has only defined it.
      "if [[ ${funcstack[1]} == _holysheepctl ]]; then\n"
      "  _holysheepctl\n"
      "else\n"
      "  compdef _holysheepctl holysheepctl\n"
      "fi\n");
}

// The values that fish completes instead of file names.
std::string FishValues(const CompletionWord& word) {
  return word.values.empty() ? ""
                             : absl::StrCat(" -x -a ", Quoted(ValuesOf(word)));
}

// A short or a long flag in the notation of fish.
std::string FishFlag(const CompletionWord& flag, absl::string_view condition) {
  const bool is_long = flag.word.rfind("--", 0) == 0;
  return absl::StrCat("complete -c holysheepctl ", condition,
                      is_long ? "-l " : "-s ",
                      flag.word.substr(is_long ? 2 : 1), " -d ",
                      Quoted(flag.meaning), FishValues(flag), "\n");
}

std::string Fish(const CompletionTree& tree) {
  std::string script;
  for (const CompletionCommand& command : tree.commands) {
    absl::StrAppend(
        &script, "complete -c holysheepctl -n __fish_use_subcommand -a ",
        command.name.word, " -d ", Quoted(command.name.meaning), "\n");
    const std::string condition = absl::StrCat(
        "-n '__fish_seen_subcommand_from ", command.name.word, "' ");
    if (!command.name.values.empty()) {
      absl::StrAppend(&script, "complete -c holysheepctl ", condition,
                      FishValues(command.name), "\n");
    }
    for (const CompletionWord& flag : command.flags) {
      absl::StrAppend(&script, FishFlag(flag, condition));
    }
  }
  for (const CompletionWord& flag : tree.flags) {
    absl::StrAppend(&script, FishFlag(flag, ""));
  }
  return script;
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CompletionTree& tree) {
  if (shell == "bash") return Bash(tree);
  if (shell == "zsh") return Zsh(tree);
  if (shell == "fish") return Fish(tree);
  return absl::InvalidArgumentError(
      absl::StrCat("no completion for ", shell, ": bash, zsh or fish"));
}

}  // namespace holysheep::cli

#include "cli/args/request_flags.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace holysheep::cli {
namespace {

constexpr char kGroup[] = "Request";

// The names are those of the contract, so that the help and the documentation
// of the API agree.
void AddCacheFlags(CLI::App* command, RequestOptions& options) {
  // As in the contract, but the way flags are written.
  const std::vector<std::string> modes = {"default", "bypass", "refresh",
                                          "only-if-cached"};
  const auto set_cache = [&options](const std::string& mode) {
    pb::CacheControl::Mode_Parse(
        absl::AsciiStrToUpper(absl::StrReplaceAll(mode, {{"-", "_"}})),
        &options.cache);
  };
  command
      ->add_option_function<std::string>("--cache", set_cache,
                                         "What the cache may do")
      ->check(CLI::IsMember(modes).description(""))
      ->type_name("default|bypass|refresh|only-if-cached")
      ->group(kGroup);
  command
      ->add_option("--namespace", options.cache_namespace,
                   "Keeps cached answers apart from others")
      ->type_name("NAME")
      ->group(kGroup);
}

}  // namespace

void AddRequestFlags(CLI::App* command, RequestOptions& options) {
  command->add_option("-m,--model", options.model, "Model id; see `models`")
      ->type_name("ID")
      ->group(kGroup);
  command->add_option("-s,--system", options.system, "Instructions to follow")
      ->type_name("TEXT")
      ->group(kGroup);
  command->add_option("-t,--temperature", options.temperature, "0 to 2")
      ->type_name("X")
      ->group(kGroup);
  command->add_option("--top-p", options.top_p, "0 to 1")
      ->type_name("X")
      ->group(kGroup);
  command->add_option("--max-tokens", options.max_tokens, "Longest answer")
      ->type_name("N")
      ->group(kGroup);
  AddCacheFlags(command, options);
  command
      ->add_option("--tag", options.tags,
                   "For the rules of model `auto`; may be repeated")
      ->allow_extra_args(false)
      ->type_name("WORD")
      ->group(kGroup);
}

}  // namespace holysheep::cli

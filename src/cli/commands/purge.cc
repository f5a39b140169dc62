#include "cli/commands/purge.h"

#include <ostream>

#include "cli/terminal/text.h"

namespace holysheep::cli {

// An empty namespace is the default one, but an empty model is surely a
// variable of a script that was not set: it must not purge anything.
ExitCode RunPurge(const Session& session, const PurgeOptions& options) {
  if (options.model == "") {
    return RefuseInput(session,
                       "the model is empty: name one that `models` shows, or "
                       "purge all with --all");
  }
  pb::PurgeCacheRequest request;
  if (options.all) {
    request.set_all(true);
  } else if (options.model.has_value()) {
    request.set_model(*options.model);
  } else {
    request.set_namespace_(options.cache_namespace.value_or(""));
  }
  const auto purged = session.node.PurgeCache(request);
  if (!purged.ok()) return Fail(session, purged.status());
  if (options.json) {
    session.console.out << ToJson(*purged) << std::flush;
  } else {
    session.console.out << "removed " << Grouped(purged->removed())
                        << (purged->removed() == 1 ? " answer" : " answers")
                        << std::endl;
  }
  return kExitOk;
}

}  // namespace holysheep::cli

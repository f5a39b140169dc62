#pragma once

namespace holysheep {

// The least severe level that is logged; kOff logs nothing. Ordered by
// severity, so levels can be compared. Set by `log.level`.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };
// kJson writes one object per line, kText a line for people. Set by
// `log.format`; docs/reference.md lists the fields.
enum class LogFormat { kJson, kText };

}  // namespace holysheep

#pragma once

namespace holysheep {

// The least severe level that is logged; kOff logs nothing.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };
// kJson writes one object per line, kText a line for people.
enum class LogFormat { kJson, kText };

}  // namespace holysheep

#pragma once

namespace holysheep {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat { kJson, kText };

}  // namespace holysheep

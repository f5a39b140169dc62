#pragma once

#include <set>
#include <string>

#include "config/config_errors.h"
#include "config/environment.h"

namespace holysheep::config {

// State that is shared while one configuration is read.
struct FieldsContext {
  const Environment& environment;
  ConfigErrors& problems;
  // If not null, receives every key that was asked for, as `models[].id`. Each
  // list is then read as if it had one item.
  std::set<std::string>* keys = nullptr;
};

}  // namespace holysheep::config

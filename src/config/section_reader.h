#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "config/fields_context.h"
#include "config/scalar_parsers.h"
#include "yaml/yaml_tree.h"

namespace holysheep::config {

// Reads the members of one YAML mapping, so that the code of a section is a
// table of its fields. An error becomes a problem at its line and leaves the
// value unchanged; so does a member that was never asked for.
class Fields {
 public:
  using Reader = std::function<void(Fields&)>;

  // Passes the root of a document to `reader`.
  static void ReadDocument(const YamlNode& node, FieldsContext& context,
                           const Reader& reader);

  // Reads a scalar; returns true if it is present and valid. `variable`, if set
  // in the environment and not empty, takes precedence over the file.
  template <typename T>
  bool Read(absl::string_view key, T& value,
            const ScalarParser<std::type_identity_t<T>>& parse,
            absl::string_view variable = "") {
    const std::optional<Given> given = Take(key, variable);
    return given.has_value() && Parse(*given, value, parse);
  }

  // Replaces `values` by a list of scalars; returns true if all are valid.
  template <typename T>
  bool ReadList(absl::string_view key, std::vector<T>& values,
                const ScalarParser<std::type_identity_t<T>>& parse) {
    const std::optional<std::vector<Given>> items = TakeList(key);
    if (!items.has_value()) return false;
    values.assign(items->size(), T());
    bool good = true;
    for (size_t i = 0; i < items->size(); ++i) {
      good = Parse((*items)[i], values[i], parse) && good;
    }
    return good;
  }

  // Reads a mapping; calls `reader` even if it is absent.
  void Section(absl::string_view key, const Reader& reader);
  // The given keys, in order; for a mapping whose keys are of the user's
  // choice.
  std::vector<std::string> GivenKeys() const;
  // Whether the value of `key` is a mapping.
  bool HoldsMapping(absl::string_view key) const;
  // Reads a list of mappings, item by item; returns true if the list exists.
  bool List(absl::string_view key, const Reader& read_item);

  // The place that gave the value of `key`; if none did, this mapping.
  Origin OriginOf(absl::string_view key) const;
  // Adds a problem with `key`.
  void Fail(absl::string_view key, absl::string_view reason);
  // Adds a problem unless `key` was given, valid or not.
  void Require(absl::string_view key);

  FieldsContext& context() { return context_; }

 private:
  struct Given {
    Scalar scalar;
    Origin origin;
  };
  struct Place {
    Origin origin;
    std::string pattern;  // `origin.name` without indexes.
  };

  Fields(const YamlNode& node, Place place, FieldsContext& context)
      : node_(node), place_(std::move(place)), context_(context) {}

  template <typename T>
  bool Parse(const Given& given, T& value, const ScalarParser<T>& parse) {
    absl::StatusOr<T> parsed = parse(given.scalar);
    if (!parsed.ok()) {
      context_.problems.Add(given.origin, parsed.status().message());
      return false;
    }
    value = *std::move(parsed);
    return true;
  }

  static void ReadMapping(const YamlNode& node, Place place,
                          FieldsContext& context, const Reader& reader);

  Place PlaceOf(absl::string_view key) const;
  // Returns the member, if any, and marks `key` as known.
  const YamlNode* Find(absl::string_view key);
  std::optional<Given> Take(absl::string_view key, absl::string_view variable);
  std::optional<std::vector<Given>> TakeList(absl::string_view key);
  std::optional<Scalar> TakeScalar(const YamlNode& node, const Origin& origin);
  void ReportTheRest();

  const YamlNode& node_;
  const Place place_;
  FieldsContext& context_;
  std::vector<std::string> known_;
  absl::flat_hash_map<std::string, Origin> origins_;
};

}  // namespace holysheep::config

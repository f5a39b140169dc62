#include "config/section_reader.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/substitute.h"

namespace holysheep::config {
namespace {

std::string Member(absl::string_view path, absl::string_view key) {
  return path.empty() ? std::string(key) : absl::StrCat(path, ".", key);
}

}  // namespace

void Fields::ReadDocument(const YamlNode& node, FieldsContext& context,
                          const Reader& reader) {
  Place place;
  place.origin.line = node.kind == YamlNode::Kind::kMapping ? 0 : node.line;
  ReadMapping(node, std::move(place), context, reader);
}

// An absent section is read like an empty one, so that defaults, requirements
// and the list of keys need no second way.
void Fields::ReadMapping(const YamlNode& node, Place place,
                         FieldsContext& context, const Reader& reader) {
  if (node.kind != YamlNode::Kind::kMapping &&
      node.kind != YamlNode::Kind::kNull) {
    context.problems.Add(place.origin, "must be a mapping of keys to values");
    return;
  }
  Fields fields(node, std::move(place), context);
  reader(fields);
  fields.ReportTheRest();
}

void Fields::Section(absl::string_view key, const Reader& reader) {
  const YamlNode* member = Find(key);
  const YamlNode absent;
  ReadMapping(member == nullptr ? absent : *member, PlaceOf(key), context_,
              reader);
}

bool Fields::List(absl::string_view key, const Reader& read_item) {
  const YamlNode* list = Find(key);
  const Place place = PlaceOf(key);
  const YamlNode absent;
  if (context_.keys != nullptr) {
    ReadMapping(absent, {place.origin, absl::StrCat(place.pattern, "[]")},
                context_, read_item);
  }
  if (list == nullptr) return false;
  if (list->kind != YamlNode::Kind::kList) {
    context_.problems.Add(place.origin, "must be a list");
    return false;
  }
  for (size_t i = 0; i < list->children.size(); ++i) {
    const YamlNode& item = list->children[i];
    Place item_place = {
        {absl::StrCat(place.origin.name, "[", i, "]"), item.line},
        absl::StrCat(place.pattern, "[]")};
    ReadMapping(item, std::move(item_place), context_, read_item);
  }
  return true;
}

std::vector<std::string> Fields::GivenKeys() const {
  std::vector<std::string> keys;
  for (const YamlNode& member : node_.children) {
    if (!absl::c_linear_search(keys, member.key)) keys.push_back(member.key);
  }
  return keys;
}

bool Fields::HoldsMapping(absl::string_view key) const {
  return absl::c_any_of(node_.children, [key](const YamlNode& member) {
    return member.key == key && member.kind == YamlNode::Kind::kMapping;
  });
}

Origin Fields::OriginOf(absl::string_view key) const {
  const auto found = origins_.find(key);
  return found == origins_.end() ? PlaceOf(key).origin : found->second;
}

void Fields::Fail(absl::string_view key, absl::string_view reason) {
  context_.problems.Add(OriginOf(key), reason);
}

void Fields::Require(absl::string_view key) {
  if (!origins_.contains(key)) Fail(key, "is required");
}

Fields::Place Fields::PlaceOf(absl::string_view key) const {
  const auto found = origins_.find(key);
  const int line =
      found == origins_.end() ? place_.origin.line : found->second.line;
  return {{Member(place_.origin.name, key), line}, Member(place_.pattern, key)};
}

// Notes the key as known even if it is absent: what is left over at the end is
// a misspelt key.
const YamlNode* Fields::Find(absl::string_view key) {
  known_.emplace_back(key);
  if (context_.keys != nullptr) {
    context_.keys->insert(Member(place_.pattern, key));
  }
  const auto member =
      std::find_if(node_.children.begin(), node_.children.end(),
                   [key](const YamlNode& child) { return child.key == key; });
  if (member == node_.children.end()) return nullptr;
  origins_[key] = {Member(place_.origin.name, key), member->line};
  return &*member;
}

// An empty variable counts as not set, because shells and containers set empty
// ones easily.
std::optional<Fields::Given> Fields::Take(absl::string_view key,
                                          absl::string_view variable) {
  const YamlNode* member = Find(key);
  if (!variable.empty()) {
    const std::optional<std::string> value = context_.environment(variable);
    if (value.has_value() && !value->empty()) {
      const Origin origin = {std::string(variable)};
      origins_[key] = origin;
      return Given{{*value, false, true}, origin};
    }
  }
  if (member == nullptr) return std::nullopt;
  const Origin origin = OriginOf(key);
  std::optional<Scalar> scalar = TakeScalar(*member, origin);
  if (!scalar.has_value()) return std::nullopt;
  return Given{*std::move(scalar), origin};
}

std::optional<std::vector<Fields::Given>> Fields::TakeList(
    absl::string_view key) {
  const YamlNode* list = Find(key);
  if (list == nullptr) return std::nullopt;
  if (list->kind != YamlNode::Kind::kList) {
    Fail(key, "must be a list");
    return std::nullopt;
  }
  std::vector<Given> items;
  for (size_t i = 0; i < list->children.size(); ++i) {
    const YamlNode& item = list->children[i];
    const Origin origin = {
        absl::StrCat(Member(place_.origin.name, key), "[", i, "]"), item.line};
    std::optional<Scalar> scalar = TakeScalar(item, origin);
    if (scalar.has_value()) items.push_back({*std::move(scalar), origin});
  }
  return items;
}

std::optional<Scalar> Fields::TakeScalar(const YamlNode& node,
                                         const Origin& origin) {
  if (node.kind != YamlNode::Kind::kScalar) {
    context_.problems.Add(origin, node.kind == YamlNode::Kind::kNull
                                      ? "must have a value"
                                      : "must be a single value");
    return std::nullopt;
  }
  absl::StatusOr<std::string> text =
      Substitute(node.text, context_.environment);
  if (!text.ok()) {
    context_.problems.Add(origin, text.status().message());
    return std::nullopt;
  }
  // A number from the environment may be quoted in the file.
  const bool same = *text == node.text;
  return Scalar{*std::move(text), node.quoted && same, !same};
}

// Only now are all keys known that the section's code asks for.
void Fields::ReportTheRest() {
  absl::flat_hash_map<absl::string_view, int> lines;
  for (const YamlNode& member : node_.children) {
    const Origin origin = {Member(place_.origin.name, member.key), member.line};
    const auto [first, is_new] = lines.try_emplace(member.key, member.line);
    if (!is_new) {
      context_.problems.Add(
          origin,
          absl::StrCat("is given twice, first on line ", first->second));
    } else if (std::find(known_.begin(), known_.end(), member.key) ==
               known_.end()) {
      context_.problems.Add(origin, absl::StrCat("unknown key; allowed are ",
                                                 absl::StrJoin(known_, ", ")));
    }
  }
}

}  // namespace holysheep::config

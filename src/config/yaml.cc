#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>

#include "event/utf8.h"

namespace acta::config {
namespace {

/// Leaves yaml-cpp from inside an event; caught in parse_yaml only.
struct Refused : std::exception {
  Refused(Location where, std::string why) : at(where), text(std::move(why)) {}
  Location at;
  std::string text;
};

/// Builds the tree from yaml-cpp's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view source, bool lines, Node& root) : source_(source), lines_(lines), root_(root) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    no_anchor(mark, anchor);
    if (expects_key())
      throw Refused(location(mark), "a key is missing before ':' (the words null and ~ need quotes to be one)");
    place(start(mark, Node::Kind::null));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused(location(mark), "aliases (*name) are not supported; write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    no_anchor(mark, anchor);
    if (tag != "?" && tag != "!" && !tag.empty()) throw Refused(location(mark), "tags (!type) are not supported");
    if (expects_key()) {
      if (value == "<<") throw Refused(location(mark), "merge keys (<<) are not supported; write the settings out");
      if (value.empty()) throw Refused(location(mark), "a key must not be empty");
      key_ = value;
      key_at_ = location(mark);
      open_.back().has_key = true;
      return;
    }
    Node node = start(mark, Node::Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
    place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    bool has_key = false;  // a map's key has been read, its value has not
    std::string key;       // of the map around, for this node
    Location key_at;
  };

  [[nodiscard]] Location location(const YAML::Mark& mark) const {
    if (!lines_) return {source_, 0, 0};
    return {source_, mark.line + 1, mark.column + 1};
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
  }

  void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) throw Refused(location(mark), "anchors (&name) are not supported; write the value out");
  }

  Node start(const YAML::Mark& mark, Node::Kind kind) {
    if (++nodes_ > kNodesMax) throw Refused(location(mark), fmt::format("more than {} values", kNodesMax));
    Node node;
    node.kind = kind;
    node.at = location(mark);
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    no_anchor(mark, anchor);
    if (tag != "?" && tag != "!" && !tag.empty()) throw Refused(location(mark), "tags (!type) are not supported");
    if (expects_key()) throw Refused(location(mark), "a key must be a word, not a list or a group");
    if (open_.size() >= kDepthMax)
      throw Refused(location(mark), fmt::format("nested deeper than {} levels", kDepthMax));
    open_.push_back({start(mark, kind), false, std::move(key_), key_at_});
    key_.clear();
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(done.key);
    key_at_ = done.key_at;
    place(std::move(done.node));
  }

  void place(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == Node::Kind::map) {
      open_.back().node.entries.push_back({std::move(key_), key_at_, std::move(node)});
      open_.back().has_key = false;
    } else {
      open_.back().node.items.push_back(std::move(node));
    }
    key_.clear();
  }

  std::string_view source_;
  bool lines_;
  Node& root_;
  std::vector<Open> open_;
  std::string key_;
  Location key_at_;
  size_t nodes_ = 0;
};

Location first_not_utf8(std::string_view source, std::string_view text, bool lines) {
  Location at{source, lines ? 1 : 0, lines ? 1 : 0};
  while (const size_t length = utf8_sequence(text)) {
    if (lines && text[0] == '\n') at = {source, at.line + 1, 0};
    if (lines) ++at.column;
    text.remove_prefix(length);
  }
  return at;
}

/// What to add to yaml-cpp's words: it does not know tabs for what they are.
std::string hint_for(std::string_view text) {
  int line = 1;
  for (size_t at = 0; at < text.size(); ++line) {
    size_t i = at;
    while (i < text.size() && text[i] == ' ') ++i;
    if (i < text.size() && text[i] == '\t') return fmt::format(" (line {} is indented by a tab; use spaces)", line);
    const size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return "";
}

}  // namespace

bool parse_yaml(std::string_view source, std::string_view text, bool lines, Node& into, Diagnostics& problems) {
  const auto at = [&](const YAML::Mark& mark) {
    return lines && !mark.is_null() ? Location{source, mark.line + 1, mark.column + 1} : Location{source, 0, 0};
  };
  if (text.size() > kFileBytesMax) {
    problems.add({source, 0, 0}, fmt::format("larger than {} bytes", kFileBytesMax));
    return false;
  }
  const size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    problems.add({source, 0, 0}, fmt::format("not a text file: byte {} is 0", nul));
    return false;
  }
  if (!is_utf8(text)) {
    problems.add(first_not_utf8(source, text, lines), "not valid UTF-8; save the file in that encoding");
    return false;
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(source, lines, into);
    into = Node{};
    into.at = Location{source, lines ? 1 : 0, lines ? 1 : 0};
    if (!parser.HandleNextDocument(builder)) return true;
    Node second;
    Builder ignored(source, lines, second);
    if (parser.HandleNextDocument(ignored)) {
      problems.add(second.at, "a second document begins; one is read only");
      return false;
    }
    return true;
  } catch (const Refused& refused) {
    problems.add(refused.at, refused.text);
  } catch (const YAML::Exception& bad) {
    problems.add(at(bad.mark), "not valid YAML: " + printable(bad.msg) + hint_for(text));
  } catch (const std::exception& bad) {
    problems.add({source, 0, 0}, "not valid YAML: " + printable(bad.what()));
  }
  return false;
}

}  // namespace acta::config

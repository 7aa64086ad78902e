#!/usr/bin/env python3
"""Makes processors/audit/normalize_table.gen.cc from normalize.yaml. With --check only says whether it is stale."""
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "processors/audit/normalize.yaml"
TARGET = ROOT / "processors/audit/normalize_table.gen.cc"
KEYS = {"calls", "record", "action", "is", "like", "object", "primary", "secondary", "actor", "actor2", "how",
        "identity", "path", "direction", "adds", "by", "refine"}
IDENTITIES = {"process", "actor", "actor_target", "group_target", "login"}
OWN_SOURCES = {"@path", "@address", "@port", "@program"}
DEFAULTS = {"actor": "auid", "actor2": "uid", "how": "@program", "identity": "process", "path": 0, "direction": ""}
# ECS 9.4.0: the types that a category may have.
TYPES = {
    "authentication": "start end info",
    "configuration": "access change creation deletion info",
    "driver": "change end info start",
    "file": "access change creation deletion info",
    "host": "access change end info start",
    "iam": "admin change creation deletion group info user",
    "intrusion_detection": "allowed denied info",
    "network": "access allowed connection denied end info protocol start",
    "package": "access change deletion info installation start",
    "process": "access change end info start",
    "session": "start end info",
}
TYPES = {category: set(types.split()) for category, types in TYPES.items()}
SLOTS = 4096  # of the hash table of system calls; a power of two


def fail(row, why):
    sys.exit(f"{SOURCE.relative_to(ROOT)}: {why}: {row}")


class Strict(yaml.SafeLoader):
    """A mapping with one key twice is an error, not the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                sys.exit(f"{SOURCE.relative_to(ROOT)}:{node.start_mark.line + 1}: key {key} twice")
        return super().construct_mapping(node, deep)


def meaning(row, text):
    """'process network / info' -> (['process', 'network'], ['info']), checked against ECS."""
    if not text:
        return [], []
    categories, _, types = text.partition("/")
    categories, types = categories.split(), types.split()
    for category in categories:
        if category not in TYPES:
            fail(row, "no category of ECS: " + category)
        if not TYPES[category] & set(types):
            fail(row, f"no type that {category} may have")
    for one in types:
        if not any(one in TYPES[category] for category in categories):
            fail(row, "no category has the type " + one)
    return categories, types


def sources(row, text):
    found = (text or "").split()
    for source in found:
        if source.startswith("@") and source not in OWN_SOURCES:
            fail(row, "unknown source " + source)
    return found


def complete(row, groups):
    """The row with the settings of its group and the defaults filled in."""
    if set(row) - KEYS:
        fail(row, "unknown keys " + " ".join(sorted(set(row) - KEYS)))
    if ("calls" in row) == ("record" in row):
        fail(row, "needs either calls or record")
    if row.get("like") not in groups and "like" in row:
        fail(row, "no such group")
    full = {**DEFAULTS, **groups.get(row.get("like"), {}), **row}
    if full["identity"] not in IDENTITIES:
        fail(row, "unknown identity")
    if full["direction"] not in ("", "ingress", "egress"):
        fail(row, "unknown direction")
    if not re.fullmatch(r"[a-z0-9_-]*", full.get("action", "")):
        fail(row, "an action is lower-case words joined by -")
    if ("by" in full) != ("refine" in full):
        fail(row, "by and refine go together")
    full["category"], full["type"] = meaning(row, full.get("is"))
    for key in ("primary", "secondary", "actor", "actor2", "how"):
        full[key] = sources(row, full.get(key))
    return full


def load():
    data = yaml.load(SOURCE.read_text(), Loader=Strict)
    calls, records = {}, {}
    for row in data["syscalls"] + data["records"]:
        full = complete(row, data["groups"])
        for name in str(full.get("calls", "")).split():
            if name in calls:
                fail(row, "two rows for the call " + name)
            calls[name] = dict(full, name=name)
        if "record" in full:
            number, name = full["record"].split()
            if int(number) in records or name in (r["name"] for r in records.values()):
                fail(row, "two rows for the record type " + name)
            records[int(number)] = dict(full, name=name)
    if "*" not in calls:
        sys.exit("no row for the call *")
    return calls, records


def hash_of(name, seed):
    """FNV-1a; the same as hash_of() in the generated code."""
    value = seed
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return (value ^ (value >> 15)) & (SLOTS - 1)


def perfect_seed(names):
    for seed in range(2166136261, 2166136261 + 1000000):
        if len({hash_of(name, seed) for name in names}) == len(names):
            return seed
    sys.exit("no seed without collisions: enlarge SLOTS")


class Lists:
    """Arrays of words used by rows, each written once."""

    def __init__(self):
        self.names = {}

    def name(self, words):
        return self.names.setdefault(tuple(words), f"kList{len(self.names)}") if words else "{}"

    def code(self):
        return [f"constexpr std::string_view {name}[] = {{{', '.join(quote(w) for w in words)}}};"
                for words, name in self.names.items()]


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def refinements(rows, lists):
    """Code of the arrays of refinements, and their names by row name."""
    out, names = [], {}
    for row in rows:
        if "refine" not in row:
            continue
        names[row["name"]] = f"kRefine{len(names)}"
        out.append(f"constexpr Refinement {names[row['name']]}[] = {{")
        for value, change in row["refine"].items():
            if set(change) - {"action", "is"}:
                fail(row, "refine knows action and is")
            category, kind = meaning(row, change.get("is"))
            out.append(f"    {{{quote(value)}, {quote(change.get('action', row.get('action', '')))}, "
                       f"{lists.name(category or row['category'])}, {lists.name(kind or row['type'])}}},")
        out.append("};")
    return out, names


def rule(row, lists, refine_names):
    fields = [quote(row["name"]), quote(row.get("action", "")), lists.name(row["category"]), lists.name(row["type"]),
              quote(row.get("object", ""))]
    fields += [lists.name(row[key]) for key in ("primary", "secondary", "actor", "actor2", "how")]
    fields += ["Identity::" + row["identity"], str(row["path"]), quote(row["direction"]),
               str(bool(row.get("adds"))).lower(), quote(row.get("by", "")), refine_names.get(row["name"], "{}")]
    return "    {" + ", ".join(fields) + "},"


def by_number(records):
    """Row plus one by number of type, in blocks of hundreds that have rows."""
    hundreds = sorted({number // 100 for number in records})
    position = {number: n for n, number in enumerate(sorted(records))}
    blocks = [[str(position.get(h * 100 + n, -1) + 1) for n in range(100)] for h in hundreds]
    out = [f"constexpr uint16_t kRecordBlocks[{len(hundreds)}][100] = {{"]
    for block in blocks:
        out += ["    {" + ", ".join(block) + "},"]
    index = ["0"] * (max(hundreds) + 1)
    for n, h in enumerate(hundreds):
        index[h] = str(n + 1)
    return out + ["};", f"constexpr uint8_t kBlockOfHundred[{len(index)}] = {{" + ", ".join(index) + "};"]


def generate(calls, records):
    lists = Lists()
    names = sorted(calls)
    seed = perfect_seed(names)
    slots = ["0"] * SLOTS
    for n, name in enumerate(names):
        slots[hash_of(name, seed)] = str(n + 1)
    record_rows = [records[number] for number in sorted(records)]
    refine, refine_names = refinements(record_rows + [calls[name] for name in names], lists)
    call_code = [rule(calls[name], lists, refine_names) for name in names]
    record_code = [rule(row, lists, refine_names) for row in record_rows]
    wrapped = [", ".join(slots[n:n + 40]) + "," for n in range(0, SLOTS, 40)]
    return "\n".join(
        ["// Generated by scripts/generate_normalize.py from normalize.yaml. Do not edit.",
         '#include "processors/audit/normalize_table.h"', "", "namespace acta::audit {", "namespace {", "",
         *lists.code(), "", *refine, "", f"constexpr Rule kCalls[{len(names)}] = {{", *call_code,
         "};", "", f"constexpr Rule kRecords[{len(records)}] = {{", *record_code, "};", "", *by_number(records), "",
         "// Row plus one of a system call by the hash of its name: no two rows share a slot.",
         f"constexpr uint16_t kCallSlots[{SLOTS}] = {{", *wrapped, "};", "",
         "constexpr uint32_t hash_of(std::string_view name) {",
         f"  uint32_t value = {seed}u;",
         "  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 16777619u;",
         f"  return (value ^ (value >> 15)) & {SLOTS - 1}u;", "}", "",
         f"constexpr const Rule* kAnyCall = &kCalls[{names.index('*')}];", "", "}  // namespace", "",
         "const Rule* rule_for_syscall(std::string_view name) {",
         "  const uint16_t row = kCallSlots[hash_of(name)];",
         "  return row != 0 && kCalls[row - 1].name == name ? &kCalls[row - 1] : kAnyCall;", "}", "",
         "const Rule* rule_for_type(uint16_t type) {", "  const size_t hundred = type / 100u;",
         "  if (hundred >= std::size(kBlockOfHundred) || kBlockOfHundred[hundred] == 0) return nullptr;",
         "  const uint16_t row = kRecordBlocks[kBlockOfHundred[hundred] - 1][type % 100u];",
         "  return row == 0 ? nullptr : &kRecords[row - 1];", "}", "",
         "std::span<const Rule> syscall_rules() { return kCalls; }",
         "std::span<const Rule> type_rules() { return kRecords; }", "",
         "}  // namespace acta::audit", ""])


def main():
    text = generate(*load())
    if TARGET.exists() and TARGET.read_text() == text:
        return
    if "--check" in sys.argv:
        sys.exit(f"stale, run scripts/generate_normalize.py: {TARGET.relative_to(ROOT)}")
    TARGET.write_text(text)


if __name__ == "__main__":
    main()

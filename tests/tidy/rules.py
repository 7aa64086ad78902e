"""The rules. Each takes the tree and complains to it; tidy_test.py shows each of them a tree that breaks it."""
import os
import re
import subprocess

import source

LINES_MAX = 800
COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70
CPP = (".cc", ".h")
SHELL = ("run", "test", "fuzz", "bench", "lint", "smoke")

# Layers: what a folder (or file) may include of ours; the longest matching left side holds.
CONTRACTS = ("inputs/input.h", "processors/decoder.h", "processors/follower.h", "processors/processor.h",
             "outputs/output.h")
PLUGIN = ("base/", "event/", "sys/", "client/", "config/option.h", "config/component.h",
          "config/condition_spec.h")
LAYERS = {
    "src/base/": ("base/",),
    "src/event/": ("base/", "event/"),
    "src/queue/": ("base/", "event/", "queue/"),
    "src/spool/": ("base/", "event/", "queue/", "spool/"),
    "src/sys/": ("base/", "event/", "sys/"),
    "src/client/": ("base/", "event/", "config/option.h", "client/"),
    "src/config/": ("base/", "event/", "config/") + CONTRACTS,
    "src/pipeline/": ("base/", "event/", "sys/", "queue/", "config/", "pipeline/") + CONTRACTS,
    "src/admin/": ("base/", "event/", "sys/", "config/", "admin/"),
    "src/report/": ("base/", "event/", "sys/", "client/", "report/"),
    "src/app/": ("",),
    "src/main.cc": ("app/", "base/", "config/"),
    "inputs/": PLUGIN + ("inputs/",),
    "processors/": PLUGIN + ("processors/",),
    "processors/audit/": PLUGIN + ("processors/decoder.h", "processors/processor.h", "processors/audit/"),
    "processors/accounting/": PLUGIN + ("processors/decoder.h", "processors/processor.h", "processors/accounting/"),
    "processors/history/": PLUGIN + ("processors/follower.h", "processors/history/"),
    "outputs/": PLUGIN + ("outputs/",),
}
OURS = ("base/", "event/", "queue/", "spool/", "sys/", "client/", "config/", "pipeline/", "admin/", "report/", "app/",
        "inputs/", "processors/", "outputs/")

# Third-party headers with one home each.
HOMES = (
    (r"curl/|librdkafka/", "src/client/"),
    (r"auparse\.h|auparse-defs\.h", ("processors/audit/", "src/report/audit/")),
    (r"libaudit\.h", ("processors/audit/", "src/sys/audit/", "src/report/audit/")),
    (r"yaml-cpp/", "src/config/"),
    (r"httplib\.h", "src/admin/"),
    (r"cap-ng\.h|seccomp\.h", "src/sys/privileges.cc"),
    (r"CLI/", "src/main.cc"),
    (r"spdlog/", "src/base/log.cc"),
)

# Calls that are not made, and what is used instead. The third part: where they are allowed.
BANNED = (
    (r"\b(strcpy|strcat|stpcpy|gets)\s*\(", "std::string or std::memcpy with a checked length", ()),
    (r"\bv?sprintf\s*\(", "fmt::format_to_n or snprintf", ()),
    (r"\b(system|popen)\s*\(", "posix_spawn with an argument list", ("tests/",)),
    (r"\b(s?rand|srandom)\s*\(\s*\w*\s*\)", "std::mt19937_64 with a seed of the caller's", ()),
    (r"\bstd::regex\b|<regex>", "RE2, or a hand-written scan", ()),
    (r"<iostream>|\bstd::(cout|cerr|clog)\b", "base/log.h, or write(2) through base/fs.h", ("tests/", "bench/")),
    (r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\(", "a wait with a deadline on what is waited for",
     ("tests/",)),
    (r"\b(getpw|getgr)(nam|uid|gid|ent)?(_r)?\s*\(|\bgetgrouplist\s*\(", "sys/user_db.h", ("src/sys/", "tests/")),
    (r"\b(strtok|asctime|ctime|gmtime|localtime|strerror)\s*\(", "the _r form or a function of base/", ()),
    (r"\batoi\s*\(|\batol\s*\(|\bstd::sto[ild]\w*\s*\(", "std::from_chars", ("tests/",)),
    (r"\busing\s+namespace\b", "names written out", ()),
    (r"#\s*include\s*<bits/", "the standard header", ()),
    (r"\bvolatile\b", "std::atomic", ("tests/", "bench/")),
    (r"\bthrow\b", "acta::Result", ("tests/", "src/config/yaml.cc")),  # yaml-cpp's handlers can stop it in no other way
)
OPEN_PROMISE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|not implemen" r"ted")
MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(work|root|home/\w+)/")


def code_of(tree, path):
    key = "code of " + path
    if key not in tree.texts:
        tree.texts[key] = source.blank(tree.text(path))
    return tree.texts[key]


def sizes(tree):
    for path in tree.files(*CPP, ".py", ".sh", ".cmake", "CMakeLists.txt", *SHELL):
        if tree.generated(path):
            continue
        lines = tree.text(path).split("\n")
        if len(lines) - 1 > LINES_MAX:
            tree.complain(path, 0, f"{len(lines) - 1} lines, more than {LINES_MAX}: it probably holds two nouns")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX:
                tree.complain(path, number, f"{len(line)} columns, more than {COLUMNS_MAX}")


def function_sizes(tree):
    for path in tree.files(*CPP):
        if tree.generated(path):
            continue
        for first, count in source.functions(code_of(tree, path)):
            if count > FUNCTION_LINES_MAX:
                tree.complain(path, first, f"a function of {count} lines, more than {FUNCTION_LINES_MAX}")


def whitespace(tree):
    for path in tree.files():
        text = tree.text(path)
        if text and not text.endswith("\n"):
            tree.complain(path, 0, "no newline at the end of the file")
        if text.endswith("\n\n"):
            tree.complain(path, 0, "empty lines at the end of the file")
        for number, line in enumerate(text.split("\n"), 1):
            if line.endswith((" ", "\t", "\r")):
                tree.complain(path, number, "trailing white space")
            if "\t" in line and path.endswith(CPP + (".py", ".md", ".yml", ".yaml")):
                tree.complain(path, number, "a tab")


def layers(tree):
    for path in tree.files(*CPP):
        rows = [row for row in LAYERS if path.startswith(row)]
        for number, line in enumerate(code_of(tree, path).split("\n"), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            name = match.group(2)
            if match.group(1) == '"' and name.startswith("../"):
                tree.complain(path, number, f'"{name}": includes are written from the top of the tree or of src/')
            for pattern, home in HOMES:
                homes = home if isinstance(home, tuple) else (home,)
                if re.match(pattern, name) and not path.startswith((*homes, "tests/", "bench/")):
                    tree.complain(path, number, f"{name} has one home: {' and '.join(homes)}")
            if name.startswith("fmt/") and path.endswith(".h"):
                tree.complain(path, number, f"{name} only in .cc files")
            ours = match.group(1) == '"' and name.startswith(OURS)
            if rows and ours and not name.startswith(LAYERS[max(rows, key=len)]):
                tree.complain(path, number, f"layer: {max(rows, key=len)} may not include {name}")


def own_header_first(tree):
    """A source that has a header includes it first, which shows that the header stands alone."""
    for path in tree.files(".cc"):
        header = path[:-3] + ".h"
        if header not in tree.paths or path.startswith("tests/") or tree.generated(path):
            continue
        first = re.search(r'#\s*include\s*[<"]([^>"]+)', code_of(tree, path))
        if not first or first.group(1) != re.sub(r"^src/", "", header):
            tree.complain(path, 0, f"includes its own header first: {re.sub(r'^src/', '', header)}")
    for path in tree.files(".h"):
        if not tree.text(path).startswith(("#pragma once", "//")) or "#pragma once" not in tree.text(path):
            tree.complain(path, 0, "begins with #pragma once")


def banned_calls(tree):
    for path in tree.files(*CPP):
        for number, line in enumerate(code_of(tree, path).split("\n"), 1):
            for pattern, instead, allowed in BANNED:
                match = re.search(pattern, line)
                if match and not path.startswith(allowed or ("\0",)):
                    tree.complain(path, number, f"{match.group().rstrip('( ')} is banned; use {instead}")


def shared_ownership(tree):
    """A member or variable that shares ownership says why, on its line or the one before. Tests may just do it."""
    for path in tree.files(*CPP):
        lines = [""] + tree.text(path).split("\n")
        for number in range(1, len(lines)):
            shares = re.search(r"\bshared_ptr<[^()]*>\s+\w+\s*[;={]", lines[number].split("//")[0])
            if shares and not any("//" in line for line in lines[number - 1:number + 1]):
                if not path.startswith("tests/"):
                    tree.complain(path, number, "shared_ptr without a word why ownership is shared")


def promises(tree):
    for path in tree.files():
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            match = OPEN_PROMISE.search(line)
            if match:
                tree.complain(path, number, f"{match.group()}: do it, or write down in docs/ why not")


def machine_paths(tree):
    for path in tree.files():
        if path.startswith("tests/") and not path.endswith(("CMakeLists.txt", ".sh", ".in")):
            continue
        text = code_of(tree, path) if path.endswith(CPP) else tree.text(path)
        for number, line in enumerate(text.split("\n"), 1):
            match = MACHINE_PATH.search(line)
            if match:
                tree.complain(path, number, f"{match.group()}: a path of one machine")


def wired_tests(tree):
    """Every test, fuzz target and benchmark lies where CMake looks for it."""
    if "tests/CMakeLists.txt" not in tree.paths:
        return
    wiring = tree.text("tests/CMakeLists.txt")
    folders = re.findall(r"(?m)^ *acta_test_folder\((\w+)", wiring)
    folders += re.findall(r"GLOB sources .*?(\w+)/\*_test", wiring)
    for path in tree.files(".cc"):
        folder = os.path.dirname(path)
        for end, homes in (("_test.cc", [f"tests/{name}" for name in folders]), ("_fuzz.cc", ["tests/fuzz"]),
                           ("_bench.cc", ["bench"])):
            if path.endswith(end) and folder not in homes:
                tree.complain(path, 0, f"is in no target; such files lie in {' or '.join(homes)}")
        is_test = re.search(r"(?m)^(TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(", tree.text(path))
        if folder in [f"tests/{name}" for name in folders] and not path.endswith("_test.cc") and is_test:
            tree.complain(path, 0, "holds tests: their files are called *_test.cc")
        if path.endswith("_test.cc") and not re.search(r"\b(TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_\w+)\s*\(",
                                                       code_of(tree, path)):
            tree.complain(path, 0, "holds no test")


def markdown(tree):
    for path in tree.files(".md"):
        titles, fenced = 0, False
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            titles += line.startswith("# ")
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:|#", target):
                    continue
                file = os.path.normpath(os.path.join(os.path.dirname(path), target.split("#")[0]))
                if not (tree.root / file).exists() or file.startswith(".."):
                    tree.complain(path, number, f"dead link: {target}")
        if titles != 1:
            tree.complain(path, 0, f"{titles} titles; a document has one line that begins with '# '")
        if fenced:
            tree.complain(path, 0, "a code block is not closed")


def scripts_parse(tree):
    """Shell scripts are executable and have no syntax error."""
    for path in tree.files(".sh", *SHELL):
        if path.endswith(".sh") or path.startswith(("scripts/", "tests/", ".ci/")):
            run = subprocess.run(["bash", "-n", str(tree.root / path)], capture_output=True, text=True)
            if run.returncode != 0:
                tree.complain(path, 0, run.stderr.strip().splitlines()[-1])
            if tree.text(path).startswith("#!") and not os.access(tree.root / path, os.X_OK):
                tree.complain(path, 0, "begins with #! and is not executable")


ALL = (sizes, function_sizes, whitespace, layers, own_header_first, banned_calls, shared_ownership,
       promises, machine_paths, wired_tests, markdown,
       scripts_parse)

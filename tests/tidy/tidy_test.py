#!/usr/bin/env python3
"""Shows each rule of tidy.py a small tree that breaks it, and one that does not."""
import pathlib
import tempfile
import unittest

import source
import tidy

TESTS_CMAKE = "acta_test_folder(unit)\nacta_test_folder(golden)\n"
LONG_FUNCTION = "int f(int a) {\n" + "  a += 1;\n" * 70 + "  return a;\n}\n"
PROMISE = "TO" + "DO"

# A file of the tree, its text, and what tidy has to say; None: nothing.
CASES = (
    ("src/base/a.cc", "int a;\n" * 801, "801 lines"),
    ("src/base/a.gen.cc", "int a;\n" * 801, None),
    ("src/base/a.cc", "// " + "x" * 118 + "\n", "121 columns"),
    ("src/base/a.cc", LONG_FUNCTION, "a function of 73 lines"),
    ("src/base/a.cc", "namespace a {\n" + "int b();\n" * 100 + "}\n", None),
    ("src/base/a.cc", "class A {\n public:\n" + "  int b() const { return 1; }\n" * 100 + "};\n", None),
    ("src/base/a.cc", "int a;", "no newline at the end"),
    ("src/base/a.cc", "int a;\n\n", "empty lines at the end"),
    ("src/base/a.cc", "int a; \n", "trailing white space"),
    ("src/base/a.cc", "\tint a;\n", "a tab"),
    ("src/base/a.cc", '#include "event/event.h"\n', "layer: src/base/ may not include event/event.h"),
    ("src/event/a.cc", '#include "base/fs.h"\n', None),
    ("src/base/a.cc", "#include <sys/stat.h>\n", None),
    ("src/pipeline/a.cc", '#include "outputs/file.h"\n', "layer: src/pipeline/"),
    ("src/pipeline/a.cc", '#include "outputs/output.h"\n', None),
    ("inputs/a.cc", '#include "outputs/output.h"\n', "layer: inputs/"),
    ("inputs/a.cc", '#include "config/loader.h"\n', "layer: inputs/"),
    ("processors/audit/a.cc", '#include "processors/accounting/decoder.h"\n', "layer: processors/audit/"),
    ("src/base/a.cc", '#include "../event/event.h"\n', "from the top of the tree"),
    ("src/event/a.cc", "#include <yaml-cpp/yaml.h>\n", "yaml-cpp/yaml.h has one home: src/config/"),
    ("src/base/b.cc", "#include <spdlog/spdlog.h>\n", "has one home: src/base/log.cc"),
    ("src/event/a.h", "#pragma once\n#include <fmt/format.h>\n", "only in .cc files"),
    ("src/event/a.h", "int a;\n", "#pragma once"),
    ("src/base/a.cc", "void f(char* a) { strcpy(a, a); }\n", "strcpy is banned; use"),
    ("src/base/a.cc", "void f(char* a) { sprintf(a, a); }\n", "sprintf is banned"),
    ("src/base/a.cc", "void f(char* a) { snprintf(a, 1, a); }\n", None),
    ("src/base/a.cc", "void f() { system(0); }\n", "system is banned"),
    ("src/base/a.cc", "int f() { return rand(); }\n", "rand() is banned"),
    ("src/base/a.cc", "#include <regex>\n", "<regex> is banned; use RE2"),
    ("src/base/a.cc", "#include <iostream>\n", "<iostream> is banned"),
    ("src/base/a.cc", "void f() { sleep(1); }\n", "sleep is banned"),
    ("processors/a.cc", "void f() { getpwuid(0); }\n", "getpwuid is banned; use sys/user_db.h"),
    ("src/sys/user_db.cc", "void f() { getpwuid(0); }\n", None),
    ("src/base/a.cc", "using namespace std;\n", "using namespace is banned"),
    ("src/base/a.cc", "// using namespace\nconst char* a = \"strcpy(\";\n", None),
    ("src/base/a.cc", "int f(const char* a) { return atoi(a); }\n", "atoi is banned"),
    ("src/base/a.cc", "std::shared_ptr<int> a;\n", "shared_ptr without a word"),
    ("src/base/a.cc", "std::shared_ptr<int> a;  // the sender may outlive us\n", None),
    ("src/base/a.cc", f"// {PROMISE}: later\n", PROMISE),
    ("docs/a.md", f"# A\n{PROMISE}\n", PROMISE),
    ("src/base/a.cc", 'const char* a = "x"; int b = 1;  // see /' "work/here\n", None),
    ("scripts/a.sh", "cd /" "work/here\n", "a path of one machine"),
    ("docs/a.md", "# A\n`/" "root/x`\n", "a path of one machine"),
    ("tests/unit/deep/a_test.cc", "TEST(A, B) {}\n", "is in no target"),
    ("src/base/a_test.cc", "TEST(A, B) {}\n", "is in no target"),
    ("tests/unit/a.cc", "TEST(A, B) {}\n", "their files are called *_test.cc"),
    ("tests/unit/a.cc", "int a;\n", None),
    ("src/base/a_fuzz.cc", "int a;\n", "is in no target"),
    ("tests/unit/a_test.cc", "int a;\n", "holds no test"),
    ("tests/unit/a_test.cc", "TEST(A, B) {}\n", None),
    ("docs/a.md", "text\n", "0 titles"),
    ("docs/a.md", "# A\n# B\n", "2 titles"),
    ("docs/a.md", "# A\n```\n# no title\n```\n", None),
    ("docs/a.md", "# A\n```\n", "not closed"),
    ("docs/a.md", "# A\n[b](b.md)\n", "dead link: b.md"),
    ("docs/a.md", "# A\n[a](a.md#x) [web](https://example.org/)\n", None),
    ("scripts/a.sh", "if\n", "syntax error"),
    ("scripts/run", "#!/bin/bash\ntrue\n", "not executable"),
    ("scripts/generate_a.py", "import sys\nsys.exit('stale: a')\n", "stale: a"),
)


class Rules(unittest.TestCase):
    def complaints(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return tidy.check(folder)

    def test_each_rule(self):
        for path, text, wanted in CASES:
            with self.subTest(path=path, text=text[:60], wanted=wanted):
                found = self.complaints({"tests/CMakeLists.txt": TESTS_CMAKE, path: text})
                if wanted is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(wanted, found[0])
                    self.assertTrue(found[0].startswith(path), found)

    def test_own_header_comes_first(self):
        header = {"src/base/a.h": "#pragma once\n#include <string>\n"}
        late = self.complaints({**header, "src/base/a.cc": '#include <string>\n\n#include "base/a.h"\n'})
        self.assertEqual(late, ["src/base/a.cc: includes its own header first: base/a.h"])
        self.assertEqual(self.complaints({**header, "src/base/a.cc": '#include "base/a.h"\n'}), [])


class Source(unittest.TestCase):
    def test_blank_keeps_lines_and_code(self):
        text = "int a = 1'000; /* b\n */ char c = '\"'; auto s = R\"x(\n\")x\"; // d\nint e;\n"
        code = source.blank(text)
        self.assertEqual([len(line) for line in code.split("\n")], [len(line) for line in text.split("\n")])
        self.assertIn("int a = 1'000;", code)
        self.assertIn("int e;", code)
        self.assertNotIn("d", code.split("\n")[2])

    def test_functions_are_found_with_their_heads(self):
        text = ("namespace a {\nstruct B {\n  int c() {\n    return 1;\n  }\n};\n\nint d[] = {\n  1,\n};\n\n"
                "int\ne(int f) {\n  if (f) {\n    return 2;\n  }\n  return 3;\n}\n}\n")
        self.assertEqual(source.functions(source.blank(text)), [(3, 3), (12, 7)])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""bench/make_log.py: no key comes twice, events interleave as they did, and what it says it wrote it wrote."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "bench/make_log.py"
LOG = ("type=SYSCALL msg=audit(10.001:5): a=1\ntype=SYSCALL msg=audit(10.002:6): a=2\n"
       "type=PROCTITLE msg=audit(10.001:5): p\ntype=USER_CMD msg=audit(12.000:7): b\n")


def make(*arguments):
    run = subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, check=True)
    return run.stdout, json.loads(run.stderr)


class MakeLog(unittest.TestCase):
    def audit(self, *arguments):
        with tempfile.NamedTemporaryFile("w") as source:
            source.write(LOG)
            source.flush()
            out, made = make("audit", source.name, *arguments)
        lines = out.decode().splitlines()
        self.assertEqual(made["bytes"], len(out))
        self.assertEqual(made["events"], len({re.search(r"\(.*?\)", line).group() for line in lines}))
        return lines, made

    def test_copies_are_shifted(self):
        lines, made = self.audit("--megabytes", len(LOG) * 2.5 / 1e6)
        self.assertEqual((made["events"], made["records"], len(lines)), (9, 12, 12))
        self.assertEqual("\n".join(lines[:4]) + "\n", LOG)
        self.assertEqual(lines[6], "type=PROCTITLE msg=audit(13.001:8): p")

    def test_ends_are_added_where_the_kernel_sends_them(self):
        lines, made = self.audit("--megabytes", 0.0001, "--eoe")
        self.assertEqual(made["records"], 6)
        self.assertEqual([line.split()[0][5:] for line in lines],
                         ["SYSCALL", "SYSCALL", "EOE", "PROCTITLE", "EOE", "USER_CMD"])

    def test_accounting(self):
        with tempfile.NamedTemporaryFile() as source:
            source.write(bytes(24) + b"\1\0\0\0" + bytes(36) + bytes(24) + b"\4\0\0\0" + bytes(36))
            source.flush()
            out, made = make("pacct", source.name, "--megabytes", 0.0002)
        self.assertEqual(made["records"], 4)
        self.assertEqual([out[64 * i + 24] for i in range(4)], [1, 4, 5, 8])

    def test_hostile_shapes(self):
        for shape, records in (("deep", 15), ("open", 5), ("wide", 7), ("long", 7)):
            out, made = make("hostile", shape, "--events", 5)
            self.assertEqual((made["records"], out.count(b"\n")), (records, records), shape)


if __name__ == "__main__":
    unittest.main()

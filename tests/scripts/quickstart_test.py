#!/usr/bin/env python3
"""scripts/quickstart.py as scripts/run calls it: which input reads a path, and what is shown of documents."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/quickstart.py"
AUDIT = b"type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
PACCT = bytes([0, 3]) + bytes(62)


def call(*arguments):
    return subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True)


class Inputs(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.holder.name).resolve()

    def tearDown(self):
        self.holder.cleanup()

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def inputs(self, *paths):
        run = call("inputs", *paths)
        self.assertEqual(run.returncode, 0, run.stderr)
        return {entry["id"]: entry for entry in json.loads(run.stdout)}

    def assert_refused(self, path, why):
        run = call("inputs", path)
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(run.stdout, "")
        self.assertIn(f"error: {path}: {why}", run.stderr)

    def test_kind_is_told_by_content(self):
        found = self.inputs(self.file("a", AUDIT), self.file("b", PACCT), self.file("c", bytes([1, 0x83]) + bytes(99)))
        self.assertEqual(found["audit_log-single"]["paths"], [f"{self.folder}/a"])
        self.assertEqual(found["pacct-single"]["paths"], [f"{self.folder}/b", f"{self.folder}/c"])
        self.assertEqual(found["pacct-single"]["type"], "pacct")

    def test_rotated_logs_named_together_are_one(self):
        for name in ("audit.log", "audit.log.1", "audit.log.2", "other.log.1"):
            self.file(name, AUDIT)
        found = self.inputs(*sorted(self.folder.iterdir()))
        self.assertEqual(found["audit_log-rotated"]["paths"], [f"{self.folder}/audit.log"])
        self.assertTrue(found["audit_log-rotated"]["include_rotated"])
        self.assertEqual(found["audit_log-single"]["paths"], [f"{self.folder}/other.log.1"])
        self.assertFalse(found["audit_log-single"]["include_rotated"])
        self.assertEqual(self.inputs(self.folder), found)

    def test_special_characters_are_no_pattern(self):
        self.assertEqual(self.inputs(self.file("a*", AUDIT))["audit_log-single"]["paths"], [f"{self.folder}/a[*]"])

    def test_what_cannot_be_read_is_said(self):
        self.assert_refused(self.folder / "missing", "No such file or directory")
        self.assert_refused(self.file("empty", b""), "is empty")
        self.assert_refused(self.file("noise", b"\x07\x09noise" * 20), "is neither an audit log nor")
        self.assert_refused(self.file("short", PACCT[:61]), "is neither an audit log nor")
        self.assert_refused(self.file("zeros", bytes(640)), "is neither an audit log nor")
        self.assert_refused(self.file("packed", b"\x1f\x8b\x08"), "is packed by gzip: unpack it first")
        (self.folder / "sub").mkdir()
        self.assert_refused(self.folder / "sub", "no audit log and no accounting file in this folder")
        if os.geteuid() != 0:
            secret = self.file("secret", AUDIT)
            secret.chmod(0)
            self.assert_refused(secret, "cannot be read by you; call scripts/run with sudo")


class Show(unittest.TestCase):
    def test_one_document_of_each_kind_and_counts(self):
        documents = [{"event": {"dataset": "d.audit", "action": "executed"}, "process": {"args": ["\u00e4"]}},
                     {"event": {"dataset": "d.audit", "action": "opened-file"}},
                     {"event": {"dataset": "d.audit", "action": "opened-file"}},
                     {"event": {"dataset": "d.acct"}},
                     {"event": {"dataset": "d.x", "action": "\x1b[2J"}, "user": {"name": "\u009b2J\x7f\u202e"}}]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "x.ndjson")
            path.write_text("".join(json.dumps(document) + "\n" for document in documents))
            run = call("show", folder)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('"\u00e4"', run.stdout)
        self.assertRegex(run.stdout, r"\n +2  d.audit +opened-file\n +1  d.audit +executed\n")
        self.assertRegex(run.stdout, r"\n +1  d.acct +\(no action\)\n")
        self.assertRegex(run.stdout, r"\n +1  d.x +\\u001B\[2J\n")
        self.assertIn(r'"name": "\u009B2J\u007F\u202E"', run.stdout)
        self.assertIn(str(path), run.stdout)
        self.assertTrue(run.stdout.endswith("1 of d.acct, 3 of d.audit, 1 of d.x\n"), run.stdout)

    def test_no_documents_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotEqual(call("show", folder).returncode, 0)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""actabeat report all: one well-formed file that asks nobody for anything, with the classic tools' figures, whatever
records say. html_report_test.py ACTABEAT FOLDER: pictures by Chromium, where there is one, are kept in FOLDER."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ACTABEAT, PICTURES = sys.argv[1], pathlib.Path(sys.argv[2])
DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
ENVIRONMENT = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
HTML = "{http://www.w3.org/1999/xhtml}"
ELEMENTS = set("html head meta title style body h1 h2 p nav a main section div table thead tbody tr th td svg rect "
               "figure figcaption span b dl dt dd".split())
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def actabeat(*words):
    return subprocess.run([ACTABEAT, *map(str, words)], env=ENVIRONMENT, capture_output=True, check=True).stdout


class Report(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.holder.name)

    def tearDown(self):
        self.holder.cleanup()

    def documents(self, name, content, *options):
        log = self.folder / name
        log.write_bytes(content)
        documents = self.folder / (name + ".ndjson")
        documents.write_bytes(actabeat("replay", "--original", *options, log))
        return documents

    def golden(self):
        log = subprocess.run(["zstd", "-dcq", DATA / "classic/audit/audit-enriched.log.zst"], capture_output=True,
                             check=True).stdout
        users = ["--passwd", DATA / "classic/audit/passwd", "--group", DATA / "classic/audit/group"]
        return [self.documents("audit.log", log, *users),
                self.documents("pacct", (DATA / "pacct/pacct").read_bytes(), "--type", "pacct", *users)]

    def page(self, *documents):
        self.path = self.folder / "report.html"
        actabeat("report", "all", "--format", "html", "-o", self.path, "--from", *documents)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        text = self.path.read_text(encoding="utf-8")
        tree = xml.fromstring(text.removeprefix("<!DOCTYPE html>"))
        self.check(text, tree)
        return text, tree

    def check(self, text, tree):
        """Nothing is run, nothing is fetched."""
        for element in tree.iter():
            name = element.tag.removeprefix(HTML)
            self.assertIn(name, ELEMENTS)
            for attribute, value in element.attrib.items():
                self.assertFalse(attribute.startswith("on") or attribute in ("src", "style", "srcdoc"), attribute)
                if attribute == "href":
                    self.assertRegex(value, r"^#s\d+$")
        self.assertNotRegex(text.replace("http://www.w3.org/1999/xhtml", ""), r"@import|url\(")
        self.assertIn("default-src 'none'", text)
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

    def test_figures_are_those_of_the_tools(self):
        _, tree = self.page(*self.golden())
        shown = {pair.find(HTML + "dt").text: pair.find(HTML + "dd").text for pair in tree.iter(HTML + "div")
                 if pair.find(HTML + "dt") is not None}
        expected = (DATA / "classic/audit/expected-enriched/aureport.txt").read_text()
        figures = dict(re.findall(r"Number of (.*): (\d+)", expected))
        self.assertEqual(shown, figures)
        cells = ["".join(cell.itertext()) for cell in tree.iter(HTML + "td")]
        types = (DATA / "classic/audit/expected-enriched/aureport-e-i-summary.txt").read_text()
        for count, name in re.findall(r"^(\d+)  ([A-Z_]+)$", types, re.M)[:25]:
            self.assertEqual(cells[cells.index(name) - 1], count)
        calls = re.search(r"^ *(\d+) .* java$", (DATA / "pacct/expected/sa.txt").read_text(), re.M)[1]
        self.assertEqual(cells[cells.index("java") + 1], calls)
        logins = (DATA / "classic/audit/expected-enriched/aulast.txt").read_text().splitlines()
        section = next(s for s in tree.iter(HTML + "section") if s.find(HTML + "h2").text == "Logins")
        self.assertEqual(len(list(section.iter(HTML + "tr"))), len(logins) + 1)

    def test_hostile_values_are_text(self):
        hostile = "</td><script>alert(1)</script><img src=http://x/ onerror=\"a\" 'b' \u202e\x01\x7f&amp;]]>"
        name = hostile.encode().hex().upper()
        head = "msg=audit(1795401433.724:{}): "
        call = ("type=SYSCALL " + head + "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 "
                "ppid=1 "
                "pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm={} exe={} "
                "key={}\n")
        lines = call.format(1, name[:30], name, name)
        lines += "type=PATH " + head.format(1) + f"item=0 name={name} inode=1 dev=08:01 mode=0100644 ouid=0 ogid=0\n"
        lines += "type=PROCTITLE " + head.format(1) + f"proctitle={name}\n"
        lines += ("type=USER_LOGIN " + head.format(2) + f"pid=1 uid=0 auid=1 ses=1 msg='op=login acct={name} "
                  f"exe={name} hostname=<b>h addr=? terminal=<i>t res=failed'\n")
        text, tree = self.page(self.documents("audit.log", lines.encode() + b"type=CWD \xff\xfe\n"))
        self.assertNotIn("<script", text)
        self.assertTrue(any("<script>alert(1)" in "".join(cell.itertext()) for cell in tree.iter(HTML + "td")))

    def test_losses_and_nothing_are_said_first(self):
        lost = ('{"@timestamp":"2026-11-23T02:37:13.000Z","ecs":{"version":"9.4.0"},"host":{"name":"h"},"event":'
                '{"dataset":"actabeat.lost","start":"2026-11-23T02:37:13.000Z","end":"2026-11-23T02:37:14.000Z"},'
                '"message":"12 records are lost"}\n')
        path = self.folder / "lost.ndjson"
        path.write_text(lost)
        text, _ = self.page(*self.golden(), path)
        self.assertLess(text.index("12 records are lost"), text.index("<nav"))
        path.write_text("")
        self.assertIn("None of the 0 documents", self.page(path)[0])
        path.write_text("{]\n")
        self.assertIn("1 lines are no documents", self.page(path)[0])

    def test_arguments(self):
        of_file = ["--from", "x"]
        for words in (["all"], ["some", *of_file], ["all", "--format", "pdf", *of_file], ["all", *of_file]):
            run = subprocess.run([ACTABEAT, "report", *words], capture_output=True)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(b"actabeat: error", run.stderr)

    @unittest.skipUnless(CHROMIUM, "LOUD SKIP: there is no Chromium here")
    def test_chromium_shows_it(self):
        self.page(*self.golden())
        for name, size, dark in (("desktop", "1200,2400", False), ("phone", "390,1600", True)):
            picture = PICTURES / f"report-{name}.png"
            picture.unlink(missing_ok=True)
            command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                       "--enable-logging=stderr", f"--user-data-dir={self.folder}/profile-{name}",
                       f"--screenshot={picture}", f"--window-size={size}"]
            command += ["--blink-settings=preferredColorScheme=0"] if dark else []
            run = subprocess.run([*command, self.path.as_uri()], capture_output=True, timeout=120)
            self.assertNotIn(b"CONSOLE", run.stderr)
            self.assertGreater(picture.stat().st_size, 10_000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

"""What the classic tools printed for the golden material: their outputs as numbers and rows."""
import collections
import csv
import os
import pathlib
import re

HERE = pathlib.Path(__file__).resolve()
SHARED = pathlib.Path(os.environ.get("ACTA_SHARED", HERE.parents[3] / "shared"))
LIVE = SHARED / "golden/live"


def text(name, folder="audit/expected-enriched"):
    return (LIVE / folder / name).read_text(encoding="utf-8", errors="surrogateescape")


def newer(name):
    """The output of audit 4.2.1 where it differs from that of 3.0.9: one event for each key, as our documents."""
    return text(name, "audit/expected-4.2.1" if (LIVE / "audit/expected-4.2.1" / name).exists()
                else "audit/expected-enriched")


def figures(name):
    """"Number of users: 4" of a summary report."""
    found = re.findall(r"Number of (.*?):\s+(\d+)", newer(name))
    return {what: int(number) for what, number in found}


def totals(name):
    """"599  SYSCALL" of a summary; a type that the tool has no name for is one of several (null)."""
    counts = collections.Counter()
    for number, what in re.findall(r"(?m)^(\d+)  (.*)$", newer(name)):
        counts[what] += int(number)
    return counts


def listed(name):
    """The columns after "N. date time" of a list."""
    return [tuple(line.split()[3:]) for line in newer(name).splitlines() if re.match(r"\d+\. ", line)]


def events(name):
    """Serial numbers of the events in an ausearch --format csv."""
    return [row["SERIAL_NUM"] for row in csv.DictReader(newer(name).splitlines())]


def auvirt():
    return {what: int(number) for what, number in re.findall(r"Number of (.*?):\s+(\d+)", text("auvirt-summary.txt"))}


def accounting(name):
    """Rows of sa -c: name ("" for the total) to calls, minutes real and CPU, average io, average k, and the shares."""
    pattern = re.compile(r"^(?P<user>\S.{31})?\s+(?P<calls>\d+)\s+(?P<calls_share>[\d.]+)%\s+(?P<re>[\d.]+)re"
                         r"\s+(?P<re_share>[\d.]+)%\s+(?P<cp>[\d.]+)cp\s+(?P<cp_share>[\d.]+)%\s+(?P<io>\d+)avio"
                         r"\s+(?P<k>\d+)k(?:   (?P<command>.*))?$")
    rows = {}
    for line in text(name, "pacct/expected").splitlines():
        match = pattern.match(line)
        rows[(match["command"] or match["user"] or "").strip()] = match.groupdict()
    return rows


def last_commands(name="lastcomm.txt"):
    """Lines of lastcomm(1)."""
    return text(name, "pacct/expected").splitlines()

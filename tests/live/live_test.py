#!/usr/bin/env python3
"""The agent on the running kernel: needs root, the host's namespaces, and that no other process is the audit daemon.
Everything is put back. Where it cannot run it says so and exits with 77, which ctest shows as skipped.

    live_test.py ACTABEAT [TEST...]
"""
import atexit
import collections
import ctypes
import fcntl
import glob
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from audit_kernel import AuditError, AuditKernel

SKIPPED = 77
UID = 54321  # nobody's: its processes are the tests'
LOCK = "/run/lock/actabeat-kernel-audit.lock"
OPEN_RULE = f"-a always,exit -F arch=b64 -S openat -F uid={UID} -k live-open"
EXEC_RULE = f"-a always,exit -F arch=b64 -S execve -F uid={UID} -k live-exec"
# What two readings of one record may say differently: when and by which run they were made.
VOLATILE = {"event.created", "event.ingested", "agent.ephemeral_id", "log.file.path", "log.file.inode",
            "log.file.device_id", "agent.id", "event.original"}
ACTIONS = ("opened-file", "executed")
actabeat = ""


def eventually(holds, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return bool(holds())


def flatten(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flatten(item, f"{path}.{key}" if path else key)
    else:
        yield path, json.dumps(value)


def comparable(document):
    return {path: value for path, value in flatten(document) if path not in VOLATILE}


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def as_user(work):
    """Runs work() in a child with the tests' uid; its exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(UID)
            os.setuid(UID)
            work()
            os._exit(0)
        except BaseException:  # the child must not run the parent's tests
            os._exit(1)
    return os.waitpid(pid, 0)[1]


def opens(count, pause=0):
    """`count` events of five records each."""
    def work():
        for i in range(count):
            os.close(os.open("/proc/self/comm", os.O_RDONLY))
            if pause and i % 50 == 0:
                time.sleep(pause)
    assert as_user(work) == 0


def runs(count):
    def work():
        for i in range(count):
            os.waitpid(os.posix_spawn("/bin/true", ["/bin/true", str(i)], {}), 0)
    assert as_user(work) == 0


class Documents:
    """The configuration of an actabeat with one input and a file output, and the documents that it makes."""

    def __init__(self, folder, type, rules="", output=None, **options):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.documents_path = output or self.folder / "out"
        settings = "".join(f"    {key}: {value}\n" for key, value in options.items())
        indented = "".join(f"      {line}\n" for line in rules.splitlines())
        (self.folder / "a.yml").write_text(
            f"actabeat.inputs:\n  - type: {type}\n" + settings +
            (f"    audit_rules: |\n{indented}" if rules else "") +
            f"output.file:\n  path: {self.documents_path}\n  filename: d\n"
            f"queue.disk.max_size: 512MB\npath.data: {self.folder}/data\nhost.id: live-test\n"
            "actabeat.registry.flush: 100ms\nlogging.level: info\n")
        os.chmod(self.folder / "a.yml", 0o644)

    def documents(self):
        found = []
        for path in sorted(glob.glob(f"{self.documents_path}/d*.ndjson")):
            with open(path) as file:
                found += [json.loads(line) for line in file if line.endswith("\n")]
        return found

    def of(self, key):
        """Documents of events that the rule with this key made."""
        return [d for d in self.documents() if f'"{key}"' in json.dumps(d) and d["event"]["action"] in ACTIONS]

    def lost(self):
        return [d for d in self.documents() if d.get("event", {}).get("dataset") == "actabeat.lost"]


class Agent(Documents):
    """A running actabeat, with an audit_netlink input unless told otherwise."""

    def __init__(self, folder, wrap=(), type="audit_netlink", **settings):
        super().__init__(folder, type, **settings)
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([*wrap, actabeat, "run", "-e", "-c", str(self.folder / "a.yml")],
                                            stderr=log, stdout=log)
        atexit.register(self.kill)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def reading(self):
        return eventually(lambda: "reads the kernel's audit stream" in self.log() or self.process.poll() is not None)

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Auditd:
    """Debian's auditd in the foreground, with a configuration and a log of its own."""

    def __init__(self, folder, plugin=""):
        self.log = pathlib.Path(folder) / "audit.log"
        config = pathlib.Path(folder) / "etc"
        (config / "plugins.d").mkdir(parents=True)
        if plugin:
            (config / "plugins.d/p.conf").write_text(plugin)  # auditd-plugins(5)
            os.chmod(config / "plugins.d/p.conf", 0o640)
        (config / "auditd.conf").write_text(
            f"log_file = {self.log}\nlog_format = RAW\nflush = NONE\nmax_log_file = 500\nnum_logs = 2\n"
            f"max_log_file_action = IGNORE\nspace_left = 2\nadmin_space_left = 1\nspace_left_action = IGNORE\n"
            f"admin_space_left_action = IGNORE\ndisk_full_action = IGNORE\ndisk_error_action = IGNORE\n"
            f"plugin_dir = {config}/plugins.d\nq_depth = 20000\nlog_group = root\npriority_boost = 0\n")
        self.process = subprocess.Popen(["auditd", "-n", "-s", "nochange", "-c", str(config)],
                                        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        atexit.register(self.kill)

    def kill(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


class Live(unittest.TestCase):
    def setUp(self):
        self.kernel = AuditKernel()
        self.addCleanup(self.kernel.socket.close)
        self.before = self.kernel.snapshot()
        self.addCleanup(self.kernel.restore, self.before)
        self.kernel.delete_all_rules()
        self.folder = tempfile.mkdtemp(prefix="actabeat-live-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.found = self.kernel.snapshot()

    def agent(self, name="a", reads=True, **options):
        agent = Agent(f"{self.folder}/{name}", **options)
        self.addCleanup(agent.kill)
        if reads:
            self.assertTrue(agent.reading() and agent.process.poll() is None, agent.log())
            if options.get("rules"):
                self.assertTrue(eventually(lambda: "changes of rules made" in agent.log()
                                           or "all rules are there" in agent.log()), agent.log())
                self.assertTrue(eventually(lambda: self.kernel.status()["enabled"] == 1))
        return agent

    def auditd(self, plugin="", folder=None):
        if not shutil.which("auditd"):
            self.skipTest("LOUD SKIP: Debian's auditd is not installed")
        auditd = Auditd(folder or self.folder, plugin)
        self.addCleanup(auditd.kill)
        self.assertTrue(eventually(lambda: self.kernel.status()["pid"] == auditd.process.pid), "auditd does not start")
        self.kernel.set(backlog_limit=8192)  # 64 is too few for what auditd is slow to take
        return auditd

    def assert_as_found(self):
        self.assertEqual(self.kernel.snapshot(), self.found)
        self.assertEqual(self.kernel.status()["pid"], 0)

    def test_unicast_has_every_event_and_puts_all_back(self):
        agent = self.agent(socket="unicast", rules=EXEC_RULE)
        status = self.kernel.status()
        self.assertEqual((status["pid"], status["backlog_wait_time"]), (agent.process.pid, 0))
        runs(300)
        self.assertEqual(agent.stop(), 0, agent.log())
        seen = collections.Counter(d["process"]["args"][1] for d in agent.of("live-exec"))
        self.assertEqual(seen, {str(i): 1 for i in range(300)}, "each once")
        actions = [d["event"].get("action") for d in agent.documents()]
        # What the kernel held back for a daemon comes before it.
        self.assertEqual((actions.count("started-audit"), actions.count("shutdown-audit")), (1, 1))
        self.assertEqual(agent.lost(), [])
        self.assert_as_found()

    def test_multicast_equals_the_log_of_auditd(self):
        auditd = self.auditd()
        agent = self.agent(socket="auto", rules=f"{OPEN_RULE}\n{EXEC_RULE}")
        self.assertIn("by multicast", agent.log())
        runs(100)
        opens(500)
        self.assertTrue(eventually(lambda: len(agent.of("live-open")) >= 500), len(agent.of("live-open")))
        self.assertEqual(agent.stop(), 0, agent.log())
        ours = agent.of("live-open") + agent.of("live-exec")
        stamps = [f'audit({d["event"]["id"].split(":", 1)[1]})' for d in ours]
        written = auditd.log.read_text
        self.assertTrue(eventually(lambda: all(stamp in written() for stamp in stamps[-50:])), "auditd does not write")
        auditd.kill()
        replayed = subprocess.run([actabeat, "replay", "--host-id", "live-test", str(auditd.log)], capture_output=True,
                                  check=True).stdout
        of_log = {d["event"]["id"]: comparable(d) for d in map(json.loads, replayed.splitlines())}
        compared = incomplete = 0
        for document in ours:
            if document["event"]["id"] not in of_log:
                # auditd's own log may lack a record of the first event: then ours alone is whole.
                incomplete += any(id.startswith(document["event"]["id"] + "~") for id in of_log)
                continue
            self.assertEqual(comparable(document), of_log[document["event"]["id"]], document["event"])
            compared += 1
        self.assertLessEqual(incomplete, 1)
        self.assertEqual(compared + incomplete, len(ours))
        self.assertGreaterEqual(len(ours), 600)

    def assert_equals_log(self, documents, auditd):
        """Each event of auditd's log has its document, as made of the log itself."""
        replayed = subprocess.run([actabeat, "replay", "--host-id", "live-test", str(auditd.log)], capture_output=True,
                                  check=True).stdout
        of_log = {d["event"]["id"]: comparable(d) for d in map(json.loads, replayed.splitlines())
                  if '"live-exec"' in json.dumps(d) and d["event"]["action"] in ACTIONS}
        self.assertEqual({d["event"]["id"]: comparable(d) for d in documents}, of_log)
        self.assertEqual(len(documents), len(of_log))
        self.assertGreaterEqual(len(of_log), 299, "of 300: auditd's own log may lack the first")

    def serves(self, form, plugin, documents):
        """auditd with that plug-in gives the agent what its own log has."""
        folder = pathlib.Path(self.folder) / form
        auditd = self.auditd("active = yes\ndirection = out\n" + plugin, folder)
        rules = folder / "rules"
        rules.write_text(EXEC_RULE + "\n")
        subprocess.run([actabeat, "rules", "apply", str(rules)], check=True, stdout=subprocess.DEVNULL)
        self.kernel.set(enabled=1)
        runs(300)
        eventually(lambda: 299 <= len(documents.of("live-exec")) == auditd.log.read_text().count('key="live-exec"'))
        auditd.kill()
        self.kernel.delete_all_rules()
        self.assert_equals_log(documents.of("live-exec"), auditd)

    def test_a_plugin_of_auditd_has_what_its_log_has(self):
        for form in ("string", "binary"):
            with self.subTest(form):
                documents = Documents(f"{self.folder}/{form}/agent", "audit_plugin")
                self.serves(form, f"type = always\npath = {actabeat}\n"
                            f"args = run -c{documents.folder}/a.yml\nformat = {form}\n", documents)

    def test_a_client_of_auditds_socket_has_what_its_log_has(self):
        socket = f"{self.folder}/events"
        agent = Agent(f"{self.folder}/agent", type="audit_plugin", path=socket)
        self.addCleanup(agent.kill)
        self.serves("af_unix", f"type = builtin\npath = builtin_af_unix\nargs = 0600 {socket}\nformat = string\n",
                    agent)
        self.assertEqual(agent.stop(), 0, agent.log())

    def test_unicast_equals_multicast(self):
        unicast = self.agent("u", socket="unicast", rules=OPEN_RULE)
        multicast = self.agent("m", socket="multicast", exclude_self="false")
        opens(400)
        self.assertTrue(eventually(lambda: len(multicast.of("live-open")) >= 400 <= len(unicast.of("live-open"))))
        self.assertEqual((multicast.stop(), unicast.stop()), (0, 0))
        of_unicast = {d["event"]["id"]: comparable(d) for d in unicast.of("live-open")}
        of_multicast = {d["event"]["id"]: comparable(d) for d in multicast.of("live-open")}
        self.assertEqual(of_unicast, of_multicast)
        self.assert_as_found()

    def test_a_second_daemon_is_refused_and_named(self):
        auditd = self.auditd()
        agent = self.agent(reads=False, socket="unicast")
        self.assertTrue(eventually(lambda: "is the audit daemon" in agent.log()), agent.log())
        self.assertIn(f"pid {auditd.process.pid} (auditd)", agent.log())
        self.assertIn("set socket: multicast", agent.log())
        self.assertEqual(self.kernel.status()["pid"], auditd.process.pid)
        self.assertEqual(agent.stop(), 0)
        auditd.kill()
        ours = self.agent("b", socket="unicast", rules=OPEN_RULE)
        (pathlib.Path(self.folder) / "etc").rename(pathlib.Path(self.folder) / "etc2")
        second = Auditd(self.folder)
        self.addCleanup(second.kill)
        self.assertTrue(eventually(lambda: "wanted to be the audit daemon" in ours.log()), ours.log())
        self.assertEqual(self.kernel.status()["pid"], ours.process.pid)
        opens(10)
        self.assertTrue(eventually(lambda: len(ours.of("live-open")) >= 10))

    def test_after_kill_9_the_gap_is_told_and_all_is_put_back(self):
        agent = self.agent(socket="unicast", rules=OPEN_RULE)
        opens(50)
        self.assertTrue(eventually(lambda: len(agent.of("live-open")) >= 50))
        state = pathlib.Path(self.folder) / "a/data/inputs/audit_netlink/appended.json"
        self.assertTrue(eventually(state.exists), agent.log())
        time.sleep(1)
        agent.kill()
        self.assertNotEqual(self.kernel.snapshot(), self.found)
        auditd = self.auditd()
        opens(30)
        auditd.kill()
        again = self.agent(socket="unicast", rules=OPEN_RULE)
        opens(20)
        self.assertTrue(eventually(lambda: len(again.lost()) >= 1), again.log())
        self.assertEqual(again.stop(), 0, again.log())
        gap = again.lost()[0]
        self.assertEqual(gap["event"]["reason"], "serial_gap", gap)
        ids = [d["event"]["id"] for d in again.of("live-open")]
        self.assertEqual((len(ids), len(set(ids))), (70, 70), "before and after, each once")
        self.assert_as_found()

    def test_forced_loss_is_counted_exactly_within_a_second(self):
        agent = self.agent(socket="unicast", rules=OPEN_RULE, backlog_limit=8)
        before = self.kernel.status()["lost"]
        opens(20000)
        lost = self.kernel.status()["lost"] - before
        self.assertGreater(lost, 0, "nothing was lost: the test shows nothing")

        def told():
            return sum(d["actabeat"]["lost"].get("records", 0) for d in agent.lost())
        began = time.monotonic()
        self.assertTrue(eventually(lambda: told() == lost, 5), f"{told()} of {lost}")
        self.assertLess(time.monotonic() - began, 2.5)
        self.assertEqual({d["event"]["reason"] for d in agent.lost()}, {"kernel_backlog"})
        self.assertEqual(agent.stop(), 0)

    def test_an_output_that_stands_still_holds_nobody(self):
        blocked = pathlib.Path(self.folder) / "blocked"
        blocked.write_text("a file where a folder should be")
        agent = self.agent(socket="unicast", rules=OPEN_RULE, output=blocked)
        began = time.monotonic()
        opens(20000)
        took = time.monotonic() - began
        self.assertLess(took, 20)
        self.assertEqual(self.kernel.status()["backlog_wait_time"], 0)
        blocked.unlink()
        self.assertTrue(eventually(lambda: len(agent.of("live-open")) >= 20000, 40), len(agent.of("live-open")))
        self.assertEqual(agent.lost(), [])
        self.assertEqual(agent.stop(), 0)

    def test_rules_are_put_back_reloaded_and_listed(self):
        rule_file = pathlib.Path(self.folder) / "x.rules"
        rule_file.write_text(OPEN_RULE + "\n")
        agent = self.agent(socket="unicast", audit_rule_files=f"[{rule_file}]", rules_check="200ms",
                           exclude_self="false")
        self.assertTrue(eventually(lambda: len(self.kernel.rules()) == 1))
        listed = output_of(actabeat, "rules", "list")
        self.assertEqual(listed, f"-a always,exit -F arch=b64 -S openat -F uid={UID} -F key=live-open\n")
        if shutil.which("auditctl"):
            self.assertEqual(listed, output_of("auditctl", "-l"))
        self.kernel.delete_all_rules()
        self.assertTrue(eventually(lambda: len(self.kernel.rules()) == 1), agent.log())
        self.assertTrue(eventually(lambda: "put-back-rules" in json.dumps(agent.documents())))
        rule_file.write_text(EXEC_RULE + "\n")
        agent.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: b"live-exec" in b"".join(self.kernel.rules())), agent.log())
        self.assertEqual(len(self.kernel.rules()), 1, "the old one went")
        self.assertEqual(agent.stop(), 0)
        self.assert_as_found()

    def test_rules_load_as_auditctl_loads_them(self):
        if not shutil.which("auditctl"):
            self.skipTest("LOUD SKIP: Debian's auditctl is not installed")
        rules = [rule for path in sorted(glob.glob(f"{pathlib.Path(__file__).parents[2]}/config/rules.d/*.rules"))
                 for rule in pathlib.Path(path).read_text().splitlines() if rule.startswith("-")]
        rules = [r for r in rules if not r.startswith("-w") or os.path.isdir(os.path.dirname(r.split()[1]))]
        (pathlib.Path(self.folder) / "all.rules").write_text("\n".join(rules) + "\n")
        applied = output_of(actabeat, "rules", "apply", f"{self.folder}/all.rules")
        ours, printed = self.kernel.rules(), output_of(actabeat, "rules", "list")
        self.assertEqual(printed, output_of("auditctl", "-l"))
        self.assertEqual(len(applied.splitlines()), len(ours))
        self.kernel.delete_all_rules()
        output_of("auditctl", "-R", f"{self.folder}/all.rules")
        self.assertEqual(self.kernel.rules(), ours)
        self.assertGreater(len(ours), 40)
        self.assertEqual(output_of(actabeat, "rules", "diff", f"{self.folder}/all.rules"), "", "nothing is left to do")

    def test_the_agent_makes_no_events_of_its_own(self):
        rules = "-a always,exit -F arch=b64 -S openat,write,rename,unlink,fdatasync -F uid=0 -F exe=" + actabeat
        agent = self.agent(socket="multicast", rules=rules)
        time.sleep(2)
        self.assertEqual(agent.stop(), 0)
        own = [d for d in agent.documents() if d.get("process", {}).get("pid") == agent.process.pid
               and d["event"].get("action") not in ("started-audit", "shutdown-audit", "changed-audit-configuration")
               and d.get("auditd", {}).get("message_type") == "syscall"]
        self.assertLess(len(own), 20, "no more than what lies before the rule")

    def test_as_an_unprivileged_user_with_file_capabilities(self):
        if not shutil.which("setcap") or not shutil.which("setpriv"):
            self.skipTest("LOUD SKIP: setcap or setpriv is not installed")
        global actabeat
        program = f"{self.folder}/actabeat"
        shutil.copy(actabeat, program)
        subprocess.run(["setcap", "cap_audit_control,cap_audit_read,cap_net_admin+ep", program], check=True)
        folder = pathlib.Path(self.folder) / "a"
        folder.mkdir()
        os.chown(folder, UID, UID)
        mine, actabeat = actabeat, program
        self.addCleanup(globals().__setitem__, "actabeat", mine)
        agent = self.agent(socket="unicast", rules=EXEC_RULE.replace(f"uid={UID}", f"uid={UID + 1}"),
                           wrap=["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--"])
        self.assertEqual(os.stat(f"/proc/{agent.process.pid}").st_uid, UID)
        self.assertEqual(self.kernel.status()["pid"], agent.process.pid)
        self.assertEqual(agent.stop(), 0, agent.log())
        self.assert_as_found()


class Accounting(unittest.TestCase):
    """The pacct input with manage, over rotations, against what lastcomm reads of the same files."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="actabeat-live-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        libc = ctypes.CDLL(None, use_errno=True)
        self.addCleanup(libc.acct, None)

    def configure(self, manage):
        (self.folder / "a.yml").write_text(
            f"actabeat.inputs:\n  - type: pacct\n    paths: [{self.folder}/pacct]\n    manage: {manage}\n"
            f"    rotate_size: 4KB\n    rotated_files: 1000\n    poll_interval: 50ms\n"
            f"output.file: {{path: {self.folder}/out, filename: d}}\npath.data: {self.folder}/data\n"
            "host.id: live-test\n")

    def start(self):
        self.configure("true")
        with open(self.folder / "log", "wb") as log:
            self.agent = subprocess.Popen([actabeat, "run", "-e", "-c", str(self.folder / "a.yml")], stderr=log)
        self.addCleanup(lambda: self.agent.poll() is None and self.agent.kill())
        self.assertTrue(eventually(lambda: b"process accounting is on" in (self.folder / "log").read_bytes()),
                        (self.folder / "log").read_text())

    def stop(self):
        self.agent.terminate()
        self.assertEqual(self.agent.wait(60), 0)

    def documents(self):
        return [json.loads(line) for line in open(self.folder / "out/d.ndjson")]

    def test_no_record_is_lost_over_rotations_and_a_kill(self):
        self.start()
        for _ in range(4):
            runs(100)
            time.sleep(1.1)  # the file is looked at every second
        self.assertTrue(eventually(lambda: len(self.documents()) >= 400))
        self.agent.kill()
        self.agent.wait()
        runs(50)  # accounting goes on without us
        self.start()
        runs(50)
        self.assertTrue(eventually(lambda: len(self.documents()) >= 500))
        self.stop()
        size_then = (self.folder / "pacct").stat().st_size
        runs(3)
        self.assertEqual((self.folder / "pacct").stat().st_size, size_then, "accounting is off again")
        files = [*sorted(self.folder.glob("pacct-*")), self.folder / "pacct"]
        self.assertGreater(len(files), 3)
        records = sum(path.stat().st_size // 64 for path in files)
        self.configure("false")  # what came between the last look and the stop is read later
        subprocess.run([actabeat, "run", "--once", "-c", str(self.folder / "a.yml")], check=True, capture_output=True)
        documents = {d["event"]["id"]: d for d in self.documents()}.values()  # a kill may repeat the last ones
        self.assertEqual(len(documents), records)
        ours = [d for d in documents if d["process"]["name"] == "true" and str(UID) in json.dumps(d)]
        self.assertEqual(len(ours), 500)
        if shutil.which("lastcomm"):
            listed = "".join(output_of("lastcomm", "-f", str(path)) for path in files).splitlines()
            self.assertEqual(len(listed), records)
            self.assertEqual(sum(line.startswith("true ") and str(UID) in line for line in listed), 500)
        self.assertFalse((self.folder / "data/inputs/pacct/accounting").exists())


def can_run():
    """Why these tests cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "they need root"
    try:
        status = AuditKernel().status()
    except (AuditError, OSError) as error:
        return f"this kernel or namespace has no audit for us: {error}"
    if status["pid"] != 0 and os.path.exists(f"/proc/{status['pid']}"):
        return f"pid {status['pid']} is the audit daemon of this host"
    if status["enabled"] == 2:
        return "audit is locked until the next boot"
    return None


def main():
    global actabeat
    actabeat = os.path.realpath(sys.argv[1])
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: a time-out of ctest still puts all back
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    why = can_run()
    if why:
        print(f"LOUD SKIP: the live tests of kernel audit do not run: {why}")
        return SKIPPED
    with open(LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kernel = AuditKernel()
        before = kernel.snapshot()
        try:
            return 0 if unittest.main(argv=[sys.argv[0], *sys.argv[2:]], exit=False).result.wasSuccessful() else 1
        finally:
            kernel.restore(before)


if __name__ == "__main__":
    sys.exit(main())

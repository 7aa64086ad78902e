"""Logs made by chance for classic_tools.py: cut, shifted and shuffled from real ones, or made up whole."""
import re
import struct

UUIDS = ["3d1c2f1e-0001-4000-8000-00000000aaaa", "3d1c2f1e-0002-4000-8000-00000000bbbb"]
START = 1_795_401_424  # seconds since 1970
STAMP = re.compile(rb"audit\((\d+)\.(\d+):(\d+)\)")
CALL = ("arch=c000003e syscall=1 success=yes exit=4 a0=5 a1=7ffc a2=4 a3=0 items=0 ppid=1 pid={pid} auid={uid} "
        "uid={real} gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses={ses} comm=\"{comm}\" "
        "exe=\"/x\" key=(null)")
SYSTEM = ("pid=1 uid=0 auid=4294967295 ses=4294967295 msg=' comm=\"systemd\" exe=\"/x\" hostname=? addr=? terminal=? "
          "res=success'")


def cut(random, lines):
    first = random.randrange(len(lines) - 10)
    return lines[first:first + random.randint(10, len(lines))]


def shift(random, lines):
    by = random.randint(-10**7, 10**7)
    return [STAMP.sub(lambda m: b"audit(%d.%s:%s)" % (int(m[1]) + by, m[2], m[3]), line) for line in lines]


def shuffle(random, lines):
    """Groups of twenty events change places; stamps and serials are given anew."""
    events = {}
    for line in lines:
        events.setdefault(STAMP.search(line)[0], []).append(line)
    keys = list(events)
    groups = [keys[i:i + 20] for i in range(0, len(keys), 20)]
    random.shuffle(groups)
    millis, serial, out = START * 1000, 1000, []
    for key in (key for group in groups for key in group):
        millis += random.choice([0, 4, 40, 400, 1000])
        serial += 1
        stamp = b"audit(%d.%03d:%d)" % (millis // 1000, millis % 1000, serial)
        out += [line.replace(key, stamp) for line in events[key]]
    return out


class Story:
    """A log of logins, starts of the system and virtual machines, also such as no program writes."""

    def __init__(self, random):
        self.random, self.millis, self.serial, self.lines = random, START * 1000, 100, []

    def write(self):
        for _ in range(self.random.randint(20, 400)):
            self.millis += self.random.choice([0, 4, 100, 1000, 3000, 60_000, 3_600_000])
            self.pid, self.ses = self.random.randint(1, 4), self.random.randint(1, 4)
            self.uid = self.random.choice([0, 1, 33, 1000, 4242])
            self.result = self.random.choice(["success", "success", "failed"])
            self.random.choices([self.login, self.user_login, self.user_end, self.boot, self.shutdown, self.daemon,
                                 self.guest], [22, 20, 13, 3, 2, 1, 39])[0]()
        return self.lines

    def event(self, kind, body, same=False):
        self.serial += 0 if same else 1
        stamp = f"audit({self.millis // 1000}.{self.millis % 1000:03}:{self.serial})"
        self.lines.append(f"type={kind} msg={stamp}: {body}".encode())

    def call(self, comm, uid):
        self.event("SYSCALL", CALL.format(pid=self.pid, uid=self.uid, real=uid, ses=self.ses, comm=comm), same=True)
        self.event("PROCTITLE", "proctitle=737368", same=True)

    def login(self):
        how = self.random.random()
        if how < 0.1:
            return self.event("LOGIN", f"login pid={self.pid} uid=0 old auid=4294967295 new auid={self.uid} "
                                       f"old ses=4294967295 new ses={self.ses}")
        uid = 4294967295 if how < 0.2 else self.uid
        self.event("LOGIN", f"pid={self.pid} uid=0 old-auid=4294967295 auid={uid} tty=(none) old-ses=4294967295 "
                            f"ses={self.ses} res=1")
        if how > 0.5:
            self.call("sshd", 0)

    def user_login(self):
        who = self.random.choice([f"id={self.uid} "] * 4 + [f"uid={self.uid} ", 'acct="bob" ',
                                                            "acct=28696E76616C69642075736572292021 "])
        host = self.random.choice([f"hostname=? addr=10.0.0.{self.uid}", "hostname=h.example addr=?",
                                   "hostname=? addr=?", "addr=1.2.3.4"])
        terminal = self.random.choice(["/dev/pts/0", "pts/1", "ssh", "/dev/tty1"])
        self.event("USER_LOGIN", f"pid={self.pid} uid=0 auid={self.uid} ses={self.ses} msg='op=login {who}"
                                 f"exe=\"/usr/sbin/sshd\" {host} terminal={terminal} res={self.result}'")

    def user_end(self):
        self.event("USER_END", f"pid={self.pid} uid=0 auid={self.uid} ses={self.ses} msg='op=PAM:session_close "
                               "acct=\"x\" exe=\"/usr/sbin/sshd\" hostname=? addr=? terminal=ssh res=success'")

    def boot(self):
        self.event("SYSTEM_BOOT", SYSTEM)

    def shutdown(self):
        self.event("SYSTEM_SHUTDOWN", SYSTEM)

    def daemon(self):
        self.event("DAEMON_START", f"op=start ver=3.0.9 format=raw kernel=6.{self.random.randint(1, 9)} auid=0 pid=3 "
                                   "uid=0 ses=1 res=success")

    def guest(self):
        choice = self.random.choice
        name, uuid = choice(['"web"', '"db"', "6462203120", '"we b"', "db"]), choice(UUIDS)
        head = f"pid={self.pid} uid={self.uid} auid={self.uid} ses=1 msg='virt=kvm "
        tail = f' exe="/usr/sbin/libvirtd" hostname=? addr=? terminal=? res={self.result}\''
        what = choice(["control"] * 3 + ["identity"] + ["resource"] * 3 + ["cgroup", "access", "anomaly"])
        if what == "control":
            op = choice(["start", "start", "stop", "stop", "pause"])
            self.event("VIRT_CONTROL", f"{head}op={op} reason=booted vm={name} uuid={uuid} "
                                       f"vm-pid={self.random.randint(-1, 9)}{tail}")
        elif what == "identity":
            label = choice(["system_u:system_r:svirt_t:s0:c1,c2", "system_u:system_r:svirt_t:s0:c2,c2", "+0:+0"])
            self.event("VIRT_MACHINE_ID", f"{head}vm={name} uuid={uuid} vm-ctx={label} img-ctx=x "
                                          f"model={choice(['selinux', 'dac'])}{tail}")
        elif what == "resource":
            kinds = {"disk": ['"/a b.img"', '"/b.img"', "2F61", "?", '"?"'], "vcpu": ["0", "1", "2"],
                     "mem": ["0", "1024"], "rng": ['"/dev/random"', "?"], "net": ['"52:54"', "?", "'52:54:00'"],
                     "chardev": ['"/x"']}
            kind = choice(list(kinds))
            self.event("VIRT_RESOURCE", f"{head}resrc={kind} reason={choice(['start', 'update'])} vm={name} "
                                        f"uuid={uuid} old-{kind}={choice(kinds[kind])} "
                                        f"new-{kind}={choice(kinds[kind])}{tail}")
        elif what == "cgroup":
            of = choice(["class=all", 'class=path path="/dev/kvm" rdev=FE:00 acl=rw', "class=path path=2F612062 acl=r",
                         "class=major category=pty maj=88 acl=rw"])
            self.event("VIRT_RESOURCE", f"{head}resrc=cgroup reason={choice(['allow', 'deny'])} vm={name} uuid={uuid} "
                                        f'cgroup="/sys/fs/cgroup" {of}{tail}')
        elif what == "access":
            self.access(uuid)
        else:
            self.event(choice(["ANOM_ABEND", "ANOM_EXEC", "ANOM_LOGIN_FAILURES"]),
                       f"auid={self.uid} uid={self.uid} gid=0 ses=1 subj=system_u:system_r:svirt_t:s0:c1,c2 "
                       f'pid={self.random.randint(1, 9)} comm="qemu" sig=11')

    def access(self, uuid):
        choice = self.random.choice
        if choice([True, False]):
            label = f"system_u:system_r:svirt_t:s0:c{choice([1, 2])},c2"
            what = choice(["read", "read write", "relabelfrom", "relabelto"])
            self.event("AVC", f"avc:  {choice(['denied', 'granted'])}  {{ {what} }} for  pid={self.pid} comm=\"qemu\" "
                              f'name="x y" dev="dm-0" ino=3 scontext={label} tcontext=system_u:object_r:x:s0 '
                              "tclass=file")
        else:
            self.event("AVC", f'apparmor="DENIED" operation="open" profile="{choice(["", "/etc/x/"])}libvirt-{uuid}" '
                              f'name="{choice(["/b.img", "/z"])}" pid={self.pid} comm="qemu" requested_mask="r" '
                              'denied_mask="r" fsuid=0 ouid=0')
        if self.random.random() < 0.7:
            self.call("qemu", self.uid)


def comp(value):
    exponent = 0
    while value > 8191:
        value >>= 3
        exponent += 1
    return exponent << 13 | value


def process(random):
    """One accounting record of version 3."""
    pick, number = random.choice, random.randint
    name = pick([b"true", b"sh", b"bash", b"ls", b"cp", b"a\x01b", "\u00e9t\u00e9".encode(), b"\xff\xfe",
                 b"averyverylongna", bytes(pick(b"abcdefgh XYZ-_.") for _ in range(number(0, 15)))])
    return struct.pack("<BBHIIIIIIfHHHHHHHH16s", pick([0, 0, 1, 2, 3, 24, 16, 17]), 3,
                       pick([0, 0, 34816, 34817, 35077]), pick([0, 256, 9, 139]),
                       pick([0, 0, 1, 33, 1000, 4242, 4294967295]), pick([0, 1, 33, 777]),
                       number(1, 99999), number(1, 9999), START + number(0, 200_000),
                       pick([0.0, 1.0, float(number(0, 100_000)), random.random() * 1e4]),
                       comp(pick([0, 0, 1, 2, number(0, 10**7)])), comp(pick([0, 0, 1, number(0, 300)])),
                       comp(number(0, 10**6)), comp(pick([0, number(0, 10**6)])), 0, comp(number(0, 5000)),
                       comp(number(0, 9)), comp(pick([0, 0, 3])), name.ljust(16, b"\0"))

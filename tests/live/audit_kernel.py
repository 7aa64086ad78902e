"""The kernel's audit settings and rules over netlink, with nothing but Python: what a live test sees and puts back."""
import os
import socket
import struct

NETLINK_AUDIT = 9
GET, SET, ADD_RULE, DEL_RULE, LIST_RULES = 1000, 1001, 1011, 1012, 1013
NLMSG_ERROR, NLMSG_DONE = 2, 3
STATUS = "mask enabled failure pid rate_limit backlog_limit lost backlog features backlog_wait_time".split()
SETTABLE = {"enabled": 1, "failure": 2, "rate_limit": 8, "backlog_limit": 0x10, "backlog_wait_time": 0x20}


class AuditError(OSError):
    pass


class AuditKernel:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
        self.socket.settimeout(5)
        self.sequence = 0

    def ask(self, kind, data=b"", until=None):
        """Sends a request; the messages that come until its acknowledgement, and until one of kind `until`."""
        self.sequence += 1
        self.socket.send(struct.pack("=IHHII", 16 + len(data), kind, 5, self.sequence, 0) + data)
        got, acknowledged, done = [], False, until is None
        while not (acknowledged and done):
            message = self.socket.recv(65536)
            _, type_, _, sequence, _ = struct.unpack_from("=IHHII", message)
            if sequence != self.sequence:
                continue
            if type_ == NLMSG_ERROR:
                error, = struct.unpack_from("=i", message, 16)
                if error:
                    raise AuditError(-error, os.strerror(-error))
                acknowledged = True
            else:
                done = done or type_ == until
                got.append((type_, message[16:]))
        return got

    def status(self):
        reply = next(data for type_, data in self.ask(GET, until=GET) if type_ == GET)
        return dict(zip(STATUS, struct.unpack_from("=10I", reply)))

    def set(self, **values):
        """Settings by name, `enabled` last."""
        for name in sorted(values, key=lambda name: name == "enabled"):
            fields = [SETTABLE[name]] + [values[name] if field == name else 0 for field in STATUS[1:]]
            self.ask(SET, struct.pack("=10I", *fields) + bytes(4))

    def rules(self):
        found = []
        for type_, data in self.ask(LIST_RULES, until=NLMSG_DONE):
            if type_ == LIST_RULES:
                length, = struct.unpack_from("=I", data, 1036)
                found.append(data[:1040 + length])
        return found

    def delete_all_rules(self):
        for rule in self.rules():
            self.ask(DEL_RULE, rule)

    def snapshot(self):
        status = self.status()
        return {name: status[name] for name in SETTABLE}, self.rules()

    def restore(self, snapshot):
        settings, rules = snapshot
        if self.rules() != rules:
            self.delete_all_rules()
            for rule in rules:
                self.ask(ADD_RULE, rule)
        now = self.status()
        self.set(**{name: value for name, value in settings.items() if now[name] != value})

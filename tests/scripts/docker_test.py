#!/usr/bin/env python3
"""What docker/ can be checked for without an engine: docker_test.py PROGRAM."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text()
PROGRAM = sys.argv.pop(1)
KNOWN = {"FROM", "RUN", "COPY", "WORKDIR", "USER", "VOLUME", "ENTRYPOINT", "CMD"}


def instructions():
    """(word, rest) of each instruction, its continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE)
    return [line.split(None, 1) for line in re.sub(r"\\\n", " ", text).split("\n") if line.strip()]


class Dockerfile(unittest.TestCase):
    def test_is_of_known_instructions(self):
        for word, rest in instructions():
            self.assertIn(word, KNOWN)
            self.assertTrue(rest)

    def test_copies_what_is_there(self):
        stages = re.findall(r"(?m)^FROM \S+ AS (\w+)", DOCKERFILE)
        for word, rest in instructions():
            if word == "COPY" and rest.startswith("--from="):
                self.assertIn(rest.split()[0].removeprefix("--from="), stages)
            elif word == "COPY":
                self.assertTrue((ROOT / rest.split()[0]).exists(), rest)

    def test_does_not_run_as_root(self):
        users = [rest for word, rest in instructions() if word == "USER"]
        self.assertEqual(users, ["actabeat"])
        last = max(i for i, (word, _) in enumerate(instructions()) if word == "FROM")
        self.assertIn("USER", [word for word, _ in instructions()[last:]])

    def test_installs_what_the_program_is_linked_with(self):
        needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.check_output(["readelf", "-d", PROGRAM], text=True))
        paths = dict(re.findall(r"(\S+) => (\S+)", subprocess.check_output(["ldd", PROGRAM], text=True)))
        packages = set()
        for name in needed:
            path = os.path.realpath(paths.get(name, ""))
            found = subprocess.run(["dpkg", "-S", path, path.removeprefix("/usr")], capture_output=True, text=True)
            packages |= {line.split(":")[0] for line in found.stdout.splitlines()}
        packages -= {"libc6", "libgcc-s1", "libstdc++6"}  # in every image of Debian's, or with the first of these
        last = DOCKERFILE.split("FROM debian")[-1]
        installed = set(re.search(r"recommends \\\n((?:.*\\\n)+?) &&", last).group(1).replace("\\", "").split())
        self.assertGreater(len(packages), 5)
        self.assertEqual(packages - installed, set(), "the last stage of docker/Dockerfile must install these")


class Compose(unittest.TestCase):
    def test_is_read_by_the_client(self):
        compose = shutil.which("docker-compose")
        if not compose:
            self.fail("docker-compose is not there: scripts/test installs it")
        env = dict(os.environ, ELASTIC_PASSWORD="a", KIBANA_PASSWORD="b")
        command = [compose, "-f", str(ROOT / "docker/compose.yml"), "config"]
        run = subprocess.run(command, env=env, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        for service in ("elasticsearch", "kibana", "setup", "agent"):
            self.assertIn(f"  {service}:\n", run.stdout)
        del env["ELASTIC_PASSWORD"]
        run = subprocess.run(command, env=env, capture_output=True, text=True)
        self.assertNotEqual(run.returncode, 0, "a cluster without a password")

    def test_agent_reads_its_configuration(self):
        env = dict(os.environ, ES_HOST="http://es:9200", ES_PASSWORD="x")
        run = subprocess.run([PROGRAM, "test", "config", "--strict.perms=false", "-c",
                              str(ROOT / "docker/actabeat.yml")], env=env, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)


if __name__ == "__main__":
    unittest.main()

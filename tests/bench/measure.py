"""What the benchmarks share: comparisons, a lab, the CPU time of a server."""
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD_DIR", "build"))
LAB = os.path.join(ROOT, "tools", "lab")


class Failed(Exception):
    """A run that has not done its work."""


class Comparison:
    """One line of the result."""

    failures = 0  # of all of them

    def __init__(self, name, goal=None, rate=False):
        self.name = name
        self.goal = goal
        self.rate = rate  # the more the better
        self.pairs = []
        self.failed = 0

    def pair(self, ours, peer):
        """Time both; neither counts when one of them fails."""
        try:
            self.pairs.append((ours(), peer()))
        except Failed as e:
            Comparison.fail(e, self)

    @staticmethod
    def fail(error, *lines):
        """A run has failed that these lines would have told of."""
        for line in lines:
            line.failed += 1
        Comparison.failures += 1
        print(f"bench: {error}", file=sys.stderr)

    def report(self):
        """The ratios ours/theirs."""
        ratios = sorted(a / b for a, b in self.pairs)
        least = "at least " if self.rate else ""
        goal = f"goal {least}{self.goal:.3g}" if self.goal else "no goal"
        if ratios:
            median = statistics.median(ratios)
            verdict = ""
            if self.goal:
                met = median >= self.goal if self.rate else \
                    median <= self.goal
                verdict = ", met" if met else ", MISSED"
            # A small ratio needs more than two digits to show the goal.
            d = 2 if median >= 0.2 else 3
            text = (f"{median:6.{d}f}  ({ratios[0]:.{d}f} - "
                    f"{ratios[-1]:.{d}f}, {len(ratios)} pairs, "
                    f"{goal}{verdict})")
        else:
            text = f"  none  ({goal})"
        if self.failed:
            text += f"  {self.failed} FAILED"
        print(f"{self.name:<62} {text}", flush=True)


def not_measured(name, why):
    """A line for what has no peer here."""
    print(f"{name:<62}  not measured: {why}", flush=True)


def timed(command, **kwargs):
    """The wall time of one run."""
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          check=False, **kwargs)
    took = time.perf_counter() - start
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: status {done.returncode}: "
                     f"{done.stderr.decode(errors='replace').strip()}")
    return took


class Lab:
    """A lab of n nodes, and beside its sshd a second one that takes a key."""

    PORT = 2299

    def __init__(self, nodes):
        self.dir = tempfile.mkdtemp(prefix="ucmsh-bench.", dir="/var/tmp")
        os.environ["LAB_DIR"] = self.dir
        os.environ.setdefault("BUILD_DIR", "build")
        self.sshd = None
        try:
            subprocess.run([LAB, "up", str(nodes)], check=True,
                           stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
        except BaseException:  # a lab that is half up goes down all the same
            self.close()
            raise
        text = subprocess.run([LAB, "env"], check=True,
                              capture_output=True).stdout.decode()
        self.env = dict(re.findall(r"^(?:export )?(\w+)='?(.*?)'?$", text,
                                   re.M))
        self.nodes = self.env["LAB_NODES"].split()

    def address(self, node):
        return self.env["LAB_ADDRESS_" + node]

    def inside(self, node, *command):
        return [LAB, "exec", node, *command]

    def activate(self, node, service):
        """As an administrator does; it is started."""
        subprocess.run([LAB, "ssh", node, "utils", "service", "activate",
                        service], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)

    def process(self, node, program):
        """The number, outside of the node, of its process of a program."""
        with open(os.path.join(self.dir, "nodes", node, "pid"),
                  encoding="ascii") as f:
            first = f.read().split()[0]
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = subprocess.run(
                ["pgrep", "--ns", first, "--nslist", "mnt", "-x", program],
                stdout=subprocess.PIPE, check=False).stdout.split()
            if found:
                return int(found[0])
            time.sleep(0.1)
        raise Failed(f"{program} does not run on {node}")

    def key_logins(self):
        """Two accounts, one key, one sshd: ours and one with /bin/bash."""
        node = self.nodes[0]
        key = os.path.join(self.dir, "bench_key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f",
                        key], check=True)
        with open(key + ".pub", encoding="ascii") as f:
            public = f.read()
        subprocess.run(self.inside(
            node, "useradd", "-g", "ucmadm", "-M", "-d", "/", "-s",
            "/bin/bash", "benchsh"), check=True)
        subprocess.run(self.inside(
            node, "usermod", "-p", "*", "benchsh"), check=True)
        subprocess.run(self.inside(
            node, "sh", "-c", "cat >/run/bench_keys"),
            input=public.encode(), check=True)
        self.sshd = subprocess.Popen(self.inside(
            node, "/var/lib/ucmsh/ssh/ucm-sshd", "-D", "-f",
            "/var/lib/ucmsh/etc/sshd_config",
            "-o", f"ListenAddress={self.address(node)}:{self.PORT}",
            "-o", "PidFile=none", "-o", "PubkeyAuthentication=yes",
            "-o", "AuthenticationMethods=publickey",
            "-o", "AuthorizedKeysFile=/run/bench_keys",
            "-o", "StrictModes=no"),
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        time.sleep(1)
        return key

    def ssh(self, key, user, *more):
        return ["ssh", "-F", "none", "-i", key, "-p", str(self.PORT),
                "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                "-o", "IdentitiesOnly=yes", *more,
                f"{user}@{self.address(self.nodes[0])}"]

    def close(self):
        if self.sshd is not None:
            os.killpg(self.sshd.pid, signal.SIGTERM)
            self.sshd.wait()
        subprocess.run([LAB, "down"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)


class CpuTime:
    """
    What a process and its children use, from now on: also those that have
    ended, whether or not it has waited for them.  That takes a cgroup; where
    none can be made, the process is asked for its own and its children's.
    """

    def __init__(self, pid):
        self.pid = pid
        self.group = None
        with open("/proc/self/mounts", encoding="ascii") as f:
            mounts = [line.split() for line in f]
        for mount in mounts:
            if mount[2] == "cgroup2":
                self._enter(mount[1])
                break
        self.before = self._read()

    def _enter(self, root):
        try:
            self.group = tempfile.mkdtemp(prefix="ucmsh-bench.", dir=root)
            with open(self.group + "/cgroup.procs", "w",
                      encoding="ascii") as f:
                f.write(f"{self.pid}\n")
        except OSError:
            self.close()

    def _read(self):
        if self.group is not None:
            with open(self.group + "/cpu.stat", encoding="ascii") as f:
                return int(re.search(r"^usage_usec (\d+)", f.read(),
                                     re.M)[1]) / 1e6
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return sum(int(x) for x in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def seconds(self):
        """Since this object was made."""
        return self._read() - self.before

    def _processes(self):
        with open(self.group + "/cgroup.procs", encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]

    def kill(self):
        """End what the process has started and left behind."""
        for pid in self._processes() if self.group is not None else ():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # by itself

    def close(self):
        """What still runs goes back to where the cgroup was made."""
        if self.group is None:
            return
        end = time.monotonic() + 5
        while True:
            try:
                for pid in self._processes():
                    with open(os.path.dirname(self.group) + "/cgroup.procs",
                              "w", encoding="ascii") as f:
                        f.write(str(pid))
                os.rmdir(self.group)
                break
            except OSError as e:  # a process has not quite ended yet
                if time.monotonic() > end:
                    print(f"bench: {self.group}: {e}", file=sys.stderr)
                    break
                time.sleep(0.05)
        self.group = None

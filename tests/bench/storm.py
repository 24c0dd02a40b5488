"""tools/bench tftp: thousands of phones that load their files at once.

One client (bench_tftp.c) does the same with our server and with Debian's.
Ours is Cisco Tftp of a lab that has the phones in its database and makes and
signs their files itself; it goes on running, like a node.  The others are
started for each run, and serve the same bytes by the same names from a
directory that was filled with what ours answers by HTTP.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from measure import (BUILD, ROOT, Comparison, CpuTime, Failed, Lab,
                     not_measured)

PHONES = int(os.environ.get("BENCH_PHONES", "10000"))
AT_ONCE = 2000
NAMES = ("!CTLSEP@.tlv", "ITLSEP@.tlv", "SEP@.cnf.xml.sgn")
STEADY_PHONES = min(PHONES, 4096)
STEADY_AT_ONCE = 256
STEADY_NAMES = NAMES[1:]
FIRST_MAC = 0x001122000000
ADDRESS = "127.0.0.1"
PORT = 69
PEERS = os.path.join(ROOT, "build", "bench-peers")
HTTP_PORT = 6970
READY_S = 180  # until all is signed
# Nothing of this may happen with our server, ...
NEVER = ("lost", "wrong", "retransmits", "repeated", "busy",
         "without_options", "overrun")
# ... and this with none.
NOWHERE = ("wrong", "overrun")


def find(package, program):
    """The peer's program, installed or unpacked; None: not there."""
    places = [os.path.join(PEERS, package, "usr/sbin"), "/usr/sbin"]
    return shutil.which(program, path=":".join(places))


def all_phones():
    """Their MAC addresses, as bench-tftp counts them."""
    return [f"{FIRST_MAC + i:012X}" for i in range(PHONES)]


class Cluster:
    """Our server: of one node, with the phones in its database."""

    name = "ucm-tftpd"

    def __init__(self, lab):
        self.lab = lab
        self.node = lab.nodes[0]
        self.address = lab.address(self.node)

    def statistics(self):
        """What Cisco Tftp counts."""
        with open(os.path.join(self.lab.dir, "nodes", self.node,
                               "var/run/tftpd.statistics"),
                  encoding="ascii") as f:
            return {key: int(value) for key, value in
                    (line.split() for line in f)}

    def add_phones(self):
        """All in one file, and wait until all their files are there."""
        text = "".join(f"SEP{mac},8861\n" for mac in all_phones())
        subprocess.run(self.lab.inside(
            self.node, "sh", "-c", "cat >/run/bench.csv && "
            "ucm-node phone import /run/bench.csv"), check=True,
            input=("name,model\n" + text).encode(),
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            now = self.statistics()
            if now["phones"] == PHONES and \
                    now["phone_waiting_now"] == 0:
                return
            time.sleep(0.2)
        raise Failed("the phones' files are not signed in time")

    def copy_files(self, path):
        """What every phone will load, into a directory."""
        connection = http.client.HTTPConnection(self.address, HTTP_PORT, 20)
        for mac in all_phones():
            for name in (f"ITLSEP{mac}.tlv", f"SEP{mac}.cnf.xml.sgn"):
                connection.request("GET", "/" + name)
                answer = connection.getresponse()
                data = answer.read()
                if answer.status != 200:
                    raise Failed(f"{name} by HTTP: {answer.status}")
                with open(os.path.join(path, name), "wb") as f:
                    f.write(data)
        connection.close()

    def run(self, work):
        """Do the work; what it has returned."""
        cpu = CpuTime(self.lab.process(self.node, "ucm-tftpd"))
        try:
            return work(cpu)
        finally:
            cpu.close()


class Server:
    """Another server, on port 69 of its address when it runs."""

    def __init__(self, name, command):
        self.name = name
        self.address = ADDRESS
        self.command = command

    def run(self, work):
        """Start it, do the work, stop it; what the work has returned."""
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              start_new_session=True) as p:
            cpu = None
            try:
                self.wait_until_it_answers(p)
                cpu = CpuTime(p.pid)
                return work(cpu)
            finally:
                if p.poll() is None:
                    os.killpg(p.pid, signal.SIGTERM)
                try:
                    p.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(p.pid, signal.SIGKILL)
                if cpu is not None:
                    cpu.kill()
                    cpu.close()

    def wait_until_it_answers(self, process):
        """A file that is missing is an answer."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(0.2)
                s.sendto(b"\0\1no-such-file.xml\0octet\0", (ADDRESS, PORT))
                try:
                    s.recv(1024)
                    return
                except OSError:
                    time.sleep(0.05)
        raise Failed(f"{self.name} does not start")


def peer_servers(files):
    """By name; None for one that is not installed."""
    dnsmasq = find("dnsmasq-base", "dnsmasq")
    # The other one has a link of the name in.tftpd, too.
    hpa = find("tftpd-hpa", "in.tftpd")
    if hpa and os.path.basename(os.path.realpath(hpa)) != "in.tftpd":
        hpa = None
    atftpd = find("atftpd", "atftpd")
    threads = [atftpd, "--daemon", "--no-fork", "--bind-address", ADDRESS,
               "--port", str(PORT), "--user", "root.root", "--logfile",
               "/dev/null", files]
    return {
        "dnsmasq": dnsmasq and Server("dnsmasq", [
            dnsmasq, "--keep-in-foreground", "--conf-file=/dev/null",
            "--port=0", "--enable-tftp", f"--tftp-root={files}",
            "--tftp-max=5000", f"--listen-address={ADDRESS}",
            "--bind-interfaces", "--user=root", "--quiet-tftp",
            "--log-facility=/dev/null", "--pid-file="]),
        "tftpd-hpa": hpa and Server("tftpd-hpa", [
            hpa, "--foreground", "--address", f"{ADDRESS}:{PORT}", "--user",
            "nobody", "--secure", files]),
        # Each of its threads has two descriptors, and above 1,024 it dies.
        "atftpd": atftpd and Server("atftpd", threads),
        "atftpd, 300 threads": atftpd and Server(
            "atftpd", [*threads, "--maxthread", "300"]),
    }


class Storm:
    """What all phones do; the figures of every run are kept for a line."""

    def __init__(self, files, phones, at_once, names, *options):
        self.requests = phones * len(names)
        self.command = [os.path.join(BUILD, "bench-tftp"), "-n", str(phones),
                        "-k", str(at_once), "-r", files, *options]
        self.names = names
        self.results = {}

    def run(self, server, ours):
        """One run: what the client tells, and "cpu_s" of the server."""
        def work(cpu):
            done = subprocess.run(
                [*self.command, server.address, str(PORT), *self.names],
                capture_output=True, check=False)
            used = cpu.seconds()
            if done.returncode != 0:
                raise Failed(f"bench-tftp: {done.stderr.decode().strip()}")
            return dict(json.loads(done.stdout), cpu_s=used)

        result = server.run(work)
        self.results.setdefault(server.name, []).append(result)
        wrong = [f"{result[what]} {what}" for what in NEVER
                 if result[what] and (ours or what in NOWHERE)]
        if wrong:
            raise Failed(f"{server.name}: {', '.join(wrong)}")
        return result

    def compare(self, ours, peer, pairs, goals):
        """
        Alternate, then a line for each of the goals {key: (text, goal)}.
        """
        lines = {key: Comparison(f"{text} / {peer.name}", goal)
                 for key, (text, goal) in goals.items()}
        for _ in range(pairs):
            try:
                a, b = self.run(ours, True), self.run(peer, False)
            except Failed as e:
                Comparison.fail(e, *lines.values())
                continue
            for key, line in lines.items():
                line.pairs.append((a[key], b[key]))
        for line in lines.values():
            line.report()

    def report(self):
        """A line for each server: medians, and the sums of what went wrong."""
        for name, results in self.results.items():
            middle = {key: statistics.median(r[key] for r in results)
                      for key in results[0]}
            total = {key: sum(r[key] for r in results) for key in NEVER}
            client = middle["client_cpu_s"]
            bound = ", which is the limit here" \
                if client > 0.9 * middle["wall_s"] else ""
            print(f"  {name}: {middle['wall_s']:.2f} s; a phone p50 "
                  f"{middle['p50_ms']:.0f}, p99 {middle['p99_ms']:.0f}, worst "
                  f"{middle['worst_ms']:.0f} ms; CPU of a request "
                  f"{middle['cpu_s'] / self.requests * 1e6:.0f} us\n"
                  f"      (the client's {client / self.requests * 1e6:.0f}"
                  f"{bound}); in {len(results)} runs "
                  + ", ".join(f"{n} {key.replace('_', ' ')}"
                              for key, n in total.items()), flush=True)


def bench_storm(files, ours, peers):
    """All phones after a bulk reset."""
    print(f"Storm: {PHONES} phones once, {AT_ONCE} at the same time, each "
          f"CTLSEP (missing), ITLSEP,\nconfiguration; blocks of 512 bytes, no "
          f"options, retransmission after 1 s.", flush=True)
    s = Storm(files, PHONES, AT_ONCE, NAMES)
    for name, pairs, goals in (
            ("dnsmasq", 5, {"wall_s": ("storm, wall time", 1 / 3),
                            "p99_ms": ("storm, p99 of the phones", 1 / 10),
                            "cpu_s": ("storm, CPU per request", 1.0)}),
            ("tftpd-hpa", 2, {"wall_s": ("storm, wall time", 1 / 12),
                              "p99_ms": ("storm, p99 of the phones", None),
                              "cpu_s": ("storm, CPU per request", 1 / 20)}),
            ("atftpd", 2, {"wall_s": ("storm, wall time", None),
                           "p99_ms": ("storm, p99 of the phones", None),
                           "cpu_s": ("storm, CPU per request", None)})):
        if peers[name]:
            s.compare(ours, peers[name], pairs, goals)
        else:
            not_measured(f"storm / {name}", "it is not installed")
    s.report()


def bench_steady(files, ours, peer):
    """Fewer phones with options; only atftpd can do windows."""
    for what, options in (("blksize 1428", ("-b", "1428")),
                          ("windowsize 8", ("-w", "8"))):
        text = f"{STEADY_AT_ONCE} phones at once, {what}, CPU per transfer"
        if not peer:
            not_measured(f"{text} / atftpd", "it is not installed")
            continue
        s = Storm(files, STEADY_PHONES, STEADY_AT_ONCE, STEADY_NAMES,
                  *options)
        s.compare(ours, peer, 5, {"cpu_s": (text, 1 / 6)})
        s.report()


def bench():
    """The peers' files are in memory, as far as a file system can be."""
    # tftpd-hpa starts only where there is more than 127.0.0.0/8.
    subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"],
                   check=True)
    files = tempfile.mkdtemp(prefix="ucmsh-bench.", dir="/dev/shm")
    lab = None
    try:
        os.chmod(files, 0o755)
        lab = Lab(1)
        ours = Cluster(lab)
        ours.add_phones()
        ours.copy_files(files)
        peers = peer_servers(files)
        bench_storm(files, ours, peers)
        bench_steady(files, ours, peers["atftpd, 300 threads"])
    except Failed as e:
        Comparison.fail(e)
    finally:
        if lab is not None:
            lab.close()
        shutil.rmtree(files)

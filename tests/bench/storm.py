"""tools/bench tftp: thousands of phones that load their files at once.

One client (bench_tftp.c) does the same with our server and with Debian's,
which serve the same files by the same names.  Each run has a server that was
just started.
"""
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from measure import BUILD, ROOT, Comparison, CpuTime, Failed, not_measured

PHONES = int(os.environ.get("BENCH_PHONES", "10000"))
AT_ONCE = 2000
NAMES = ("!CTLSEP@.tlv", "ITLSEP@.tlv", "SEP@.cnf.xml.sgn")
STEADY_PHONES = min(PHONES, 4096)
STEADY_AT_ONCE = 256
STEADY_NAMES = NAMES[1:]
CONFIG_BYTES = 7652
FIRST_MAC = 0x001122000000
ADDRESS = "127.0.0.1"
PORT = 69
PEERS = os.path.join(ROOT, "build", "bench-peers")
ITL = os.path.join(ROOT, "tests/data/vectors/c01_seed_shape_5302.tlv")
# Nothing of this may happen with our server.
NEVER = ("lost", "wrong", "retransmits", "repeated", "busy",
         "without_options")


def find(package, program):
    """The peer's program, installed or unpacked; None: not there."""
    places = [os.path.join(PEERS, package, "usr/sbin"), "/usr/sbin"]
    return shutil.which(program, path=":".join(places))


def make_files(path):
    """What every phone loads, by its own names; configurations differ."""
    shutil.copy(ITL, os.path.join(path, "ITLFile.tlv"))
    for i in range(PHONES):
        mac = f"{FIRST_MAC + i:012X}"
        os.link(os.path.join(path, "ITLFile.tlv"),
                os.path.join(path, f"ITLSEP{mac}.tlv"))
        text = f"<device><name>SEP{mac}</name></device>\n".encode()
        text = text * (CONFIG_BYTES // len(text) + 1)
        with open(os.path.join(path, f"SEP{mac}.cnf.xml.sgn"), "wb") as f:
            f.write(text[:CONFIG_BYTES])


class Server:
    """A TFTP server, running on port 69."""

    def __init__(self, name, command):
        self.name = name
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


def our_server(root):
    """Cisco Tftp with a root directory of its own, without a database."""
    for name in ("etc", "run", "log", "certs"):
        os.mkdir(os.path.join(root, name))
    with open(os.path.join(root, "etc/node.conf"), "w",
              encoding="ascii") as f:
        f.write(f"name = bench\naddress = {ADDRESS}\nrole = publisher\n"
                f"publisher_name = bench\npublisher_address = {ADDRESS}\n"
                f"domain = joemar2.lab\n")
    return Server("ucm-tftpd", [os.path.join(BUILD, "ucm-tftpd"), "-r", root])


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
            "atftpd, 300 threads", [*threads, "--maxthread", "300"]),
    }


class Storm:
    """What all phones do; the figures of every run are kept for a line."""

    def __init__(self, files, phones, at_once, names, *options):
        self.requests = phones * len(names)
        self.command = [os.path.join(BUILD, "bench-tftp"), "-n", str(phones),
                        "-k", str(at_once), "-r", files, *options, ADDRESS,
                        str(PORT), *names]
        self.results = {}

    def run(self, server, ours):
        """One run on a fresh server: what the client tells, and "cpu_s"."""
        def work(cpu):
            done = subprocess.run(self.command, capture_output=True,
                                  check=False)
            used = cpu.seconds()
            if done.returncode != 0:
                raise Failed(f"bench-tftp: {done.stderr.decode().strip()}")
            return dict(json.loads(done.stdout), cpu_s=used)

        result = server.run(work)
        self.results.setdefault(server.name, []).append(result)
        wrong = [f"{result[what]} {what}" for what in NEVER
                 if result[what] and (ours or what == "wrong")]
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
            print(f"  {name + ':':<20} {middle['wall_s']:6.2f} s, phone p50 "
                  f"{middle['p50_ms']:.0f} p99 {middle['p99_ms']:.0f} worst "
                  f"{middle['worst_ms']:.0f} ms, CPU "
                  f"{middle['cpu_s'] / self.requests * 1e6:.0f} us/request "
                  f"(client {middle['client_cpu_s'] / self.requests * 1e6:.0f}"
                  f"), {len(results)} runs with "
                  + ", ".join(f"{n} {key}" for key, n in total.items()),
                  flush=True)


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
    """The files are in memory, as far as a file system can be."""
    # tftpd-hpa starts only where there is more than 127.0.0.0/8.
    subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"],
                   check=True)
    root = tempfile.mkdtemp(prefix="ucmsh-bench.", dir="/dev/shm")
    try:
        files = os.path.join(root, "tftp")
        os.chmod(root, 0o755)
        os.mkdir(files)
        make_files(files)
        ours = our_server(root)
        peers = peer_servers(files)
        bench_storm(files, ours, peers)
        bench_steady(files, ours, peers["atftpd, 300 threads"])
    finally:
        shutil.rmtree(root)

"""tools/bench tvs: phones that ask the Trust Verification Service.

The peer is the arithmetic: what the private key and the key exchange of one
connection cost in `openssl speed` of the same minute.  BENCH_TVS_PEER may name
a program that is another TVS; it is started with the arguments

    ADDRESS PORT KEYPAIR.pem CERTIFICATE.pem

must listen there with that key and certificate until it is told to end, and
answer that CERTIFICATE.pem is valid.
"""
import json
import os
import re
import signal
import subprocess
import time

from measure import BUILD, Comparison, CpuTime, Failed, Lab, not_measured

PHONES = 3000  # of one run with full handshakes
RESUMED = 10000
AT_ONCE = 64
PAIRS = 5
SILENT = 1000
QUIET_PHONES = 300  # one after the other
QUIET_PAIRS = 11
PORT = 2445
PEER_ADDRESS = "127.0.0.1"
HOME = "/var/lib/ucmsh"


class Service:
    """A TVS that runs: ours in a lab, or the peer."""

    def __init__(self, name, address, pid, certificate):
        self.name = name
        self.address = address
        self.certificate = certificate
        self.cpu = CpuTime(pid)

    def ask(self, phones, *options):
        """
        What the client tells, with "cpu_us", the server's for each phone,
        and "rate", the phones of a second.
        """
        before = self.cpu.seconds()
        done = subprocess.run(
            [os.path.join(BUILD, "bench-tvs"), "-n", str(phones), *options,
             self.certificate, self.address, str(PORT)],
            capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"{self.name}: {done.stderr.decode().strip()}")
        r = json.loads(done.stdout)
        r["cpu_us"] = (self.cpu.seconds() - before) / phones * 1e6
        r["rate"] = phones / r["wall_s"]
        if r["served"] != phones:
            raise Failed(f"{self.name}: {r['served']} of {phones} served: "
                         f"{r['lost']} lost, {r['wrong']} wrong, "
                         f"{r['failed']} failed")
        if not re.match("07000100", r["answer"]):
            raise Failed(f"{self.name}: the certificate is not valid")
        if "-s" in options and r["resumed"] != phones:
            raise Failed(f"{self.name}: {r['resumed']} of {phones} resumed")
        return r


def speed(algorithm, pattern):
    """Microseconds of CPU time for one operation, by openssl speed."""
    done = subprocess.run(["openssl", "speed", "-seconds", "2", algorithm],
                          capture_output=True, check=False)
    found = re.search(pattern, done.stdout.decode())
    if done.returncode != 0 or not found:
        raise Failed(f"openssl speed {algorithm} gave no number")
    return 1e6 / float(found[1])


def arithmetic():
    """
    One RSA-2048 signature; in the key exchange the server makes a key and
    then the secret, and either is one operation on the curve.
    """
    sign = speed("rsa2048", r"rsa 2048 bits\s+\S+s\s+\S+s\s+(\S+)")
    derive = speed("ecdhx25519", r"ecdh \(X25519\)\s+\S+s\s+(\S+)")
    return sign + 2 * derive


def bench_full(ours):
    """CPU time of full handshakes, beside what they must cost."""
    for version in ("1.3", "1.2"):
        c = Comparison(f"CPU of a full RSA-2048 TLS {version} connection / "
                       "openssl speed", 2.5)
        for i in range(PAIRS + 1):
            c.pair(lambda: ours.ask(PHONES, "-k", str(AT_ONCE), "-v",
                                    version)["cpu_us"], arithmetic)
            if i == 0:
                c.pairs.clear()
        c.report()
        if c.pairs:
            print(f"  microseconds, the last pair: ours {c.pairs[-1][0]:.0f},"
                  f" RSA + 2 X25519 {c.pairs[-1][1]:.0f}", flush=True)


def bench_resumed(ours):
    """TLS 1.2 with and without a session."""
    rate = Comparison("TLS 1.2 resumed / full, connections per second", 5,
                      rate=True)
    cpu = Comparison("TLS 1.2 full / resumed, CPU of a connection", 5,
                     rate=True)
    for _ in range(PAIRS):
        try:
            full = ours.ask(PHONES, "-k", str(AT_ONCE), "-v", "1.2")
            resumed = ours.ask(RESUMED, "-k", str(AT_ONCE), "-v", "1.2", "-s")
        except Failed as e:
            Comparison.fail(e, rate, cpu)
            continue
        rate.pairs.append((resumed["rate"], full["rate"]))
        cpu.pairs.append((full["cpu_us"], resumed["cpu_us"]))
    for line in (rate, cpu):
        line.report()
    if rate.pairs:
        print(f"  the last pair: {full['rate']:.0f} and "
              f"{resumed['rate']:.0f} connections/s, CPU of the server "
              f"{full['cpu_us']:.0f} and {resumed['cpu_us']:.0f} us, of the "
              f"client {full['client_cpu_s'] / PHONES * 1e6:.0f} and "
              f"{resumed['client_cpu_s'] / RESUMED * 1e6:.0f} us", flush=True)


def bench_silent(ours):
    """One good phone after the other, alone and among silent connections."""
    def latency(silent):
        options = ("-i", str(silent)) if silent else ()
        r = ours.ask(QUIET_PHONES, *options)
        if r["silent"] != silent:
            raise Failed(f"only {r['silent']} of {silent} silent connections "
                         "were open to the end")
        return r["p50_ms"]

    c = Comparison(f"latency with {SILENT} silent connections / without", 1.2)
    for _ in range(QUIET_PAIRS):
        c.pair(lambda: latency(SILENT), lambda: latency(0))
    c.report()
    if c.pairs:
        print(f"  milliseconds, the last pair: {c.pairs[-1][0]:.2f} and "
              f"{c.pairs[-1][1]:.2f}", flush=True)


def bench_peer(ours, peer):
    """Another TVS with the same key."""
    for options in (("-v", "1.3"), ("-v", "1.2")):
        text = f"full RSA-2048 TLS {options[1]}"
        rate = Comparison(f"{text}, connections per second / peer", 2.8,
                          rate=True)
        cpu = Comparison(f"{text}, CPU of a connection / peer", 0.35)
        worst = Comparison(f"{text}, worst phone / peer", 1 / 20)
        for _ in range(PAIRS):
            try:
                a = ours.ask(PHONES, "-k", "256", *options)
                b = peer.ask(PHONES, "-k", "256", "-t", "120", *options)
            except Failed as e:
                Comparison.fail(e, rate, cpu, worst)
                continue
            rate.pairs.append((a["rate"], b["rate"]))
            cpu.pairs.append((a["cpu_us"], b["cpu_us"]))
            worst.pairs.append((a["worst_ms"], b["worst_ms"]))
        for line in (rate, cpu, worst):
            line.report()


def with_peer(ours, keypair):
    """Start the peer for bench_peer()."""
    command = os.environ.get("BENCH_TVS_PEER")
    if not command:
        not_measured("another TVS", "BENCH_TVS_PEER names none")
        return
    with subprocess.Popen([command, PEER_ADDRESS, str(PORT), keypair,
                           ours.certificate], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          start_new_session=True) as p:
        peer = Service("the peer", PEER_ADDRESS, p.pid, ours.certificate)
        try:
            time.sleep(2)
            bench_peer(ours, peer)
        finally:
            os.killpg(p.pid, signal.SIGTERM)
            p.wait()
            peer.cpu.close()


def bench():
    """Ours runs in a lab of one node."""
    lab = Lab(1)
    try:
        node = lab.nodes[0]
        lab.activate(node, "Cisco CallManager")
        asked = os.path.join(lab.dir, "bench_asked.pem")
        with open(asked, "wb") as f:
            subprocess.run(lab.inside(
                node, "openssl", "x509", "-in", f"{HOME}/certs/tomcat.pem"),
                stdout=f, check=True)
        ours = Service("ucm-tvsd", lab.address(node),
                       lab.process(node, "ucm-tvsd"), asked)
        try:
            bench_full(ours)
            bench_resumed(ours)
            bench_silent(ours)
            with_peer(ours, os.path.join(lab.dir, "nodes", node,
                                         "var/certs/TVS.pem"))
        finally:
            ours.cpu.close()
    finally:
        lab.close()

#!/usr/bin/env python3
"""The API under load for minutes, on SQLite and on PostgreSQL at once, while
releases are admitted and withdrawn and the database is killed and comes back.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/soak/serve.py [MINUTES] [RESULTS.md]

What is asked of it: every sampled answer is, byte for byte, that of a quiet
server over the same version's release folders, on an SQLite catalogue rebuilt
from them; no status but 200, the 410 of what was withdrawn, and on PostgreSQL
while it is away, and for a moment after a withdrawal, the declared 503 with Retry-After; resident memory, read each
second from /proc, does not grow after the first quarter. Then a flood from a
million addresses behind a trusted proxy, and 2,000 slow connections. Ends with
status 1 when anything is not as it should be.
"""

import hashlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BANSOS = os.path.abspath(os.environ.get("BANSOS_BIN", "target/release/bansos"))
API = os.path.abspath(os.environ.get("BANSOS_API_BIN", "target/release/bansos-api"))
DISTRICTS = ["12.02", "12.74", "21.03", "33.28", "36.71"]
# Months that are there from the start; the others come while it runs.
FIRST, MONTHS = 2, 6
# A withdrawal after so many admissions, of what was admitted last.
WITHDRAW_EVERY = 6
# The declared answer while the database is away, and how long after it is back.
GRACE = 8.0
FLOOD = int(os.environ.get("FLOOD", "1000000"))
SLOW = 2_000
WIDE = ["--limit-list", "100000000/1", "--limit-statistics", "100000000/1", "--limit-downloads", "100000000/1"]


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Postgres:
    """A cluster of our own, that can be killed."""

    def __init__(self, folder):
        versions = [p for p in os.listdir("/usr/lib/postgresql")] if os.path.isdir("/usr/lib/postgresql") else []
        self.bin = f"/usr/lib/postgresql/{max(versions, key=int)}/bin" if versions else os.path.dirname(shutil.which("initdb") or sys.exit("PostgreSQL is missing: scripts/need postgresql"))
        self.folder, self.port, self.child = folder, free_port(), None
        os.makedirs(folder)
        self.owner = []
        if os.getuid() == 0:
            self.owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            shutil.chown(folder, "postgres")
        run(*self.owner, f"{self.bin}/initdb", "--pgdata", f"{folder}/data", "--auth", "trust", "--username", "bansos", "--encoding", "UTF8", "--locale", "C.UTF-8", cwd=folder)
        self.start()
        run(f"{self.bin}/createdb", "--host", "127.0.0.1", "--username", "bansos", "--port", str(self.port), "soak")
        self.url = f"postgres://bansos@127.0.0.1:{self.port}/soak"

    def start(self):
        log = open(f"{self.folder}/../postgres.log", "a", encoding="utf-8")
        # What was killed leaves processes for a moment, during which none can start.
        for _ in range(100):
            self.child = subprocess.Popen(
                [*self.owner, f"{self.bin}/postgres", "-D", f"{self.folder}/data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
                stdout=log, stderr=log, cwd=self.folder)
            for _ in range(200):
                if self.child.poll() is not None:
                    break
                ready = subprocess.run([f"{self.bin}/pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(self.port)], check=False)
                if ready.returncode == 0:
                    return
                time.sleep(0.05)
            time.sleep(0.2)
        sys.exit("PostgreSQL does not come back")

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        self.child.wait()


class Host:
    """A data folder without the registry, a server over it, and what is asked of that."""

    def __init__(self, name, folder, keys, url=None):
        self.name, self.data, self.url = name, f"{folder}/{name}", url
        os.makedirs(self.data)
        shutil.copytree(keys, f"{self.data}/keys")
        self.child = self.address = None
        self.seconds, self.samples, self.problems, self.away = [], [], [], []
        self.cut = 0

    def command(self, *arguments, data=None, url=True):
        return [API, "--data", data or self.data, *(["--catalogue", self.url] if self.url and url else []), *arguments]

    def serve(self, *flags):
        self.log = open(f"{self.data}.log", "a", encoding="utf-8")
        self.child, self.address = serve(self.command("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", *flags), self.log)

    def version(self):
        with open(f"{self.data}/log/checkpoint", encoding="utf-8") as file:
            return int(file.read().split("\n")[1])

    def keep(self, folder):
        """Keeps the release folders and the log of the version that stands now."""
        to = f"{folder}/{self.name}-{self.version()}"
        os.makedirs(to)
        for part in ("keys", "log"):
            shutil.copytree(f"{self.data}/{part}", f"{to}/{part}")
        # Release folders do not change; links are enough.
        run("cp", "-al", f"{self.data}/releases", f"{to}/releases")

    def is_away(self, start, end):
        return any(start <= back + GRACE and end >= gone for gone, back in self.away)


def serve(command, log):
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    line = child.stdout.readline()
    if not line.startswith("listening on http://"):
        sys.exit(f"it does not start: {' '.join(command)}")
    return child, line.split("//")[1].strip()


def get(address, path, headers=None, timeout=60):
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
    finally:
        connection.close()


def queries(chance):
    """Questions of every kind, some thousand of them."""
    tables = ["totals", "payments", "flows", "coverage", "demographics", "verification", "freshness", "findings", "deciles", "targeting", "reports"]
    programs = ["PKH", "SEMBAKO", "PBI_JK", "BST"]
    found = {"/v1", "/v1/releases", "/v1/programs", "/v1/codebook", "/v1/statistics", "/v1/datasets", "/v1/releases.atom", "/datapackage.json", "/catalog.jsonld"}
    for district in DISTRICTS:
        found |= {f"/v1/releases?area={district}", f"/v1/areas/{district}", f"/v1/areas?parent={district}", f"/v1/recipients?area={district}&format=csv", f"/v1/recipients?area={district}&format=ndjson"}
        for table in tables:
            found |= {f"/v1/statistics/{table}?area={district}", f"/v1/statistics/{table}?area={district}&format=csv"}
            found |= {f"/v1/statistics/{table}?area={district}&period=2025-0{month}" for month in range(1, FIRST + 1)}
        for program in programs:
            for sex in ("F", "M"):
                for size in ("1-2", "3-4", "5%2B"):
                    found.add(f"/v1/recipients?area={district}&program={program}&sex={sex}&family_size={size}&limit={chance.randrange(1, 300)}")
            for _ in range(60):
                found.add(f"/v1/recipients?area={district}&program={program}&limit={chance.randrange(1, 1000)}")
    return sorted(found)


def wrk(address, paths, seconds, seed, connections, out):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}s", "--timeout", "60s", "--latency", "-s", f"{HERE}/queries.lua", f"http://{address}", "--", paths, str(seed)]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)


def tally(path):
    text = open(path, encoding="utf-8").read()
    counts = {}
    for line in re.findall(r"^STATUSES (.*)$", text, re.M):
        for word, count in re.findall(r"([^=;]+)=(\d+)", line):
            counts[word] = counts.get(word, 0) + int(count)
    pick = lambda word: dict(re.findall(r"(\w+)=([\d.]+)", (re.findall(rf"^{word} (.*)$", text, re.M) or [""])[0]))
    if not counts:
        sys.exit(f"wrk: {text}")
    return counts, pick("SOCKETS"), pick("LATENCY")


def sampler(host, paths, over, seed):
    """Asks now and then and keeps what came, to be compared later."""
    chance = random.Random(seed)
    while not over.is_set():
        path, start = chance.choice(paths), time.monotonic()
        try:
            status, headers, body = get(host.address, path)
        except (OSError, http.client.HTTPException) as error:
            # A list that was on its way when the database went ends without its
            # last chunk, and the reader can tell.
            if isinstance(error, http.client.IncompleteRead) and host.is_away(start, time.monotonic()):
                host.cut += 1
            else:
                host.problems.append(f"{path}: {error!r}")
            continue
        end = time.monotonic()
        if status == 200:
            pinned = re.search(r"[?&]version=(\d+)", headers.get("content-location", ""))
            if pinned:
                host.samples.append((int(pinned[1]), path, headers.get("etag"), hashlib.sha256(body).hexdigest(), len(body)))
            elif "content-location" in headers:
                host.problems.append(f"{path}: no version in Content-Location")
        elif status == 503:
            if "retry-after" not in headers:
                host.problems.append(f"{path}: 503 without Retry-After")
            if not host.is_away(start, end):
                host.problems.append(f"{path}: 503 at {end:.1f}, while the database was there: {body[:200]}")
        elif status != 410:
            host.problems.append(f"{path}: {status} {body[:200]}")
        over.wait(0.05)


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def watcher(hosts, over):
    while not over.is_set():
        for host in hosts:
            host.seconds.append(memory(host.child.pid))
        over.wait(1)


def admit(host, folders, chance, kept):
    """Admits folders; now and then the command is killed on its way first."""
    command = host.command("admit", *folders)
    kills = 0
    if chance.random() < 0.4:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.01, 0.4))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            kills = 1
        child.wait()
    # The database may be away: it is tried again, as an operator would.
    for _ in range(60):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        time.sleep(1)
    else:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    host.keep(kept)
    return kills


def compare(host, kept, folder):
    """Every sample beside the answer of a quiet server of its version."""
    compared, versions = 0, sorted({sample[0] for sample in host.samples})
    for version in versions:
        data = f"{kept}/{host.name}-{version}"
        if not os.path.isdir(data):
            host.problems.append(f"version {version} answered, but no admission or withdrawal made it")
            continue
        run(*host.command("rebuild", data=data, url=False))
        with open(f"{folder}/reference.log", "a", encoding="utf-8") as log:
            child, address = serve(host.command("serve", "--listen", "127.0.0.1:0", *WIDE, data=data, url=False), log)
            try:
                known = {}
                for _, path, etag, digest, _ in (sample for sample in host.samples if sample[0] == version):
                    if path not in known:
                        status, headers, body = get(address, path)
                        known[path] = (status, headers.get("etag"), hashlib.sha256(body).hexdigest())
                    if known[path] != (200, etag, digest):
                        host.problems.append(f"{path} at version {version}: {etag} {digest[:12]}, the quiet server says {known[path]}")
                    compared += 1
            finally:
                child.terminate()
                child.wait()
    return compared, len(versions)


def flood(folder, host, paths):
    """A million addresses behind a trusted proxy; one honest client besides."""
    host.serve("--trusted-proxies", "127.0.0.1")
    honest = {"X-Forwarded-For": "203.0.113.9"}
    try:
        get(host.address, "/v1", honest)
        before = memory(host.child.pid)
        out = f"{folder}/flood.wrk"
        asked, refused, left, peak, start = 0, 0, 300, 0.0, time.monotonic()
        while asked < FLOOD:
            with open(out, "w", encoding="utf-8") as file:
                child = subprocess.Popen(["wrk", "-t2", "-c32", "-d20s", "--timeout", "60s", "-s", f"{HERE}/queries.lua", f"http://{host.address}", "--", paths, "1", "flood"], stdout=file, stderr=subprocess.STDOUT)
                while child.poll() is None:
                    peak = max(peak, memory(host.child.pid))
                    status, headers, _ = get(host.address, "/v1/programs", honest)
                    if status != 200:
                        host.problems.append(f"an honest client got {status} during the flood")
                    left = min(left, int(re.search(r"r=(\d+)", headers.get("ratelimit", "r=0"))[1]))
                    time.sleep(0.5)
            counts, _, latency = tally(out)
            asked += int(latency["requests"])
            refused += counts.get("429", 0)
            if asked < FLOOD:
                # Each round counts its addresses from the beginning: let their quotas come back.
                time.sleep(1)
        return before, peak, asked, refused, left, time.monotonic() - start
    finally:
        host.child.terminate()
        host.child.wait()


def slowloris(host):
    """Slow connections from one address, and the answers to others meanwhile."""
    host.serve(*WIDE)
    times, slow = [], []
    try:
        name, port = host.address.split(":")
        for n in range(SLOW):
            one = socket.create_connection((name, int(port)))
            one.setblocking(False)
            one.send([b"", b"GET /v1 HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST /v1 HTTP/1.1\r\nContent-Le"][n % 3] or b"G")
            slow.append(one)
        end, trickled = time.monotonic() + 8, 0.0
        while time.monotonic() < end:
            if time.monotonic() - trickled > 1:
                trickled = time.monotonic()
                for one in slow:
                    try:
                        one.send(b"a")
                    except OSError:
                        pass
            start = time.monotonic()
            status, _, _ = get(host.address, "/v1/areas?parent=36.71")
            times.append((time.monotonic() - start) * 1e3)
            if status != 200:
                host.problems.append(f"{status} beside slow connections")
        return sorted(times), memory(host.child.pid)
    finally:
        for one in slow:
            one.close()
        host.child.terminate()
        host.child.wait()


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    results = sys.argv[2] if len(sys.argv) > 2 else None
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    chance = random.Random(1)
    folder = tempfile.mkdtemp(prefix="bansos-soak-")
    os.chmod(folder, 0o755)
    os.environ["BANSOS_API_BIN"] = API
    postgres, hosts, children = None, [], []
    try:
        office, files, kept = f"{folder}/office", f"{folder}/files", f"{folder}/kept"
        os.makedirs(kept)
        run(BANSOS, "--data", office, "simulate", "--out", files, "--scale", "0.02", "--seed", "7", "--months", str(MONTHS))
        run(BANSOS, "--data", office, "init")
        run(BANSOS, "--data", office, "import", files)
        run(BANSOS, "--data", office, "publish", "--all", "--by", "Operator Satu", "--yes")
        release = lambda district, month: f"{office}/releases/{district}-2025-{month:02}"
        postgres = Postgres(f"{folder}/postgres")
        hosts = [Host("sqlite", folder, f"{office}/keys"), Host("postgresql", folder, f"{office}/keys", postgres.url)]
        coming = [release(district, month) for month in range(FIRST + 1, MONTHS + 1) for district in DISTRICTS]
        for host in hosts:
            run(*host.command("admit", *[release(district, month) for month in range(1, FIRST + 1) for district in DISTRICTS]))
            host.keep(kept)
            host.serve(*WIDE)
        paths = queries(chance)
        with open(f"{folder}/paths", "w", encoding="utf-8") as file:
            file.write("\n".join(paths) + "\n")
        print(f"{len(paths)} queries, {len(coming)} releases to come, {minutes:g} minutes", flush=True)
        over, seconds = threading.Event(), minutes * 60
        threads = [threading.Thread(target=watcher, args=(hosts, over))]
        threads += [threading.Thread(target=sampler, args=(host, paths, over, seed)) for host in hosts for seed in (1, 2)]
        outs = []
        begin = time.monotonic()
        for host in hosts:
            for connections in (12, 4):
                outs.append((host, f"{folder}/{host.name}-{connections}.wrk"))
                with open(outs[-1][1], "w", encoding="utf-8") as file:
                    children.append(wrk(host.address, f"{folder}/paths", seconds, connections, connections, file))
        for thread in threads:
            thread.start()
        done = {"kills of the database": 0, "kills of an admission": 0, "admissions": 0, "withdrawals": 0}
        turn = max(4.0, seconds / (len(coming) * 1.3 + 2))
        admitted, next_kill = [], begin + min(20.0, seconds / 6)
        while time.monotonic() < begin + seconds - 3:
            if coming:
                folders, coming = coming[:1], coming[1:]
                for host in hosts:
                    done["kills of an admission"] += admit(host, folders, chance, kept)
                done["admissions"] += 1
                admitted.append(os.path.basename(folders[0]))
                if len(admitted) % WITHDRAW_EVERY == 0:
                    for host in hosts:
                        began = time.monotonic()
                        if host.url:
                            # Rows go at once, and the server sees it half a second later at most
                            # (api/server/RUNNING.md); under load its look may take a little longer.
                            host.away.append((began, float("inf")))
                        run(*host.command("withdraw", admitted[-1], "--reason", "Uji ketahanan"))
                        if host.url:
                            host.away[-1] = (began, time.monotonic() + 2 - GRACE)
                        host.keep(kept)
                    done["withdrawals"] += 1
            if time.monotonic() > next_kill:
                gone = time.monotonic()
                hosts[1].away.append((gone, float("inf")))
                postgres.kill()
                time.sleep(chance.uniform(2, 6))
                postgres.start()
                hosts[1].away[-1] = (gone, time.monotonic())
                done["kills of the database"] += 1
                next_kill = time.monotonic() + min(30.0, seconds / 6)
            time.sleep(min(turn, max(0.0, begin + seconds - 3 - time.monotonic())))
        for child in children:
            child.wait()
        over.set()
        for thread in threads:
            thread.join()
        lines, failed = [], []
        for host in hosts:
            host.child.terminate()
            if host.child.wait():
                failed.append(f"{host.name}: the server ended with {host.child.returncode}")
            statuses, p99, requests, cut = {}, [], 0, 0
            for _, path in (one for one in outs if one[0] is host):
                counts, sockets, latency = tally(path)
                for word, count in counts.items():
                    statuses[word] = statuses.get(word, 0) + count
                p99.append(float(latency["p99"]))
                requests += int(latency["requests"])
                # A list that is cut when the database goes is a read error to wrk.
                cut += int(float(sockets["read"]))
                if any(int(float(count)) for what, count in sockets.items() if what != "read" or not host.url):
                    failed.append(f"{host.name}: socket errors {sockets}")
            allowed = {"200", "410"} | ({"503"} if host.url else set())
            if set(statuses) - allowed:
                failed.append(f"{host.name}: statuses {statuses}")
            compared, versions = compare(host, kept, folder)
            quarter = len(host.seconds) // 4
            second, last = (statistics.median(part) for part in (host.seconds[quarter : 2 * quarter], host.seconds[-quarter:]))
            if last > second * 1.15 + 4:
                failed.append(f"{host.name}: resident memory grew from {second:.1f} to {last:.1f} MiB")
            if compared < 20:
                failed.append(f"{host.name}: only {compared} samples were compared")
            with open(f"{host.data}.log", encoding="utf-8") as file:
                panics = sum('"message":"a panic"' in line or "panicked at" in line for line in file)
            if panics:
                failed.append(f"{host.name}: {panics} panics")
            failed += [f"{host.name}: {text}" for text in host.problems]
            shown = ", ".join(f"{count:,} × {word}" for word, count in sorted(statuses.items()))
            if cut + host.cut:
                shown += f", {cut + host.cut} lists cut"
            lines.append(
                f"| {host.name} | {requests:,} | {shown} | {max(p99):.0f} ms | {compared:,} of {versions} versions, {'all equal' if not host.problems else 'see below'} "
                f"| {host.seconds[0]:.0f}, {second:.1f}, {last:.1f}, {max(host.seconds):.1f} MiB |")
        host = hosts[0]
        host.problems = []
        before, peak, asked, refused, left, took = flood(folder, host, f"{folder}/paths")
        times, slow_memory = slowloris(host)
        failed += host.problems
        # The same questions from a million addresses may take no more than from one.
        if peak > max(host.seconds) * 1.1 + 16:
            failed.append(f"the flood took {peak - before:.0f} MiB")
        at = lambda share: times[int((len(times) - 1) * share)]
        commit = run("git", "rev-parse", "--short", "HEAD", cwd=HERE).strip()
        profile = os.path.basename(os.path.dirname(API))
        text = f"""# The API under load

{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, `{profile}` profile, {os.cpu_count()} cores shared with clients, databases and whatever else ran (load {os.getloadavg()[0]:.1f}). `make soak` writes this file.

{minutes:g} minutes of two wrk (12 and 4 connections) on each of two servers at once, {len(paths):,} different queries in five codings; meanwhile on both hosts {', '.join(f'{count} {what}' for what, count in done.items())}. Two readers a server sample answers all the time; each is compared, ETag and bytes, with the answer of a quiet server over the release folders of the version it names, on an SQLite catalogue rebuilt from them.

| catalogue | requests | statuses | slowest p99 of wrk | samples compared | resident at start, median of second and of last quarter, most |
|---|---|---|---|---|---|
{chr(10).join(lines)}

503 is what is declared while the database is away and, on PostgreSQL, until the server has seen a withdrawal, always with Retry-After; 410 is what was withdrawn. A list that is on its way when the database goes is cut before its last chunk, which its reader can tell. Resident memory is VmRSS of the server's process, read each second. The first quarter is left out, since the cache fills up to its bound then.

Flood: {asked:,} requests, each from another address by `X-Forwarded-For` behind a trusted proxy, in {took:.0f} s; {refused:,} refused. Resident {before:.0f} MiB before, at most {peak:.0f} MiB during (the cache of 48 MiB fills meanwhile, too). An honest client, asking twice a second, had never fewer than {left} of its 300 left.

Slow connections: {SLOW:,} that send a byte a second, from the same address as {len(times):,} requests of others, each on a connection of its own and one after the other: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, slowest {at(1.0):.1f} ms. Resident {slow_memory:.0f} MiB.
"""
        if failed:
            text += "\nNot as it should be:\n\n" + "\n".join(f"- {one}" for one in failed[:40]) + "\n"
        print(text)
        if results:
            with open(results, "w", encoding="utf-8") as file:
                file.write(text)
        if failed:
            sys.exit(f"{len(failed)} problems")
    finally:
        for child in children + [host.child for host in hosts if host.child]:
            if child.poll() is None:
                child.kill()
                child.wait()
        if postgres and postgres.child.poll() is None:
            postgres.stop()
        if "SOAK_KEEP" in os.environ:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""What the benches share: a made office, servers, wrk, memory, and the list of
goals with what was measured. Nothing but Python's standard library."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BANSOS = os.environ.get("BANSOS_BIN", "target/release/bansos")
API = os.environ.get("BANSOS_API_BIN", "target/release/bansos-api")
BARE = os.environ.get("BANSOS_BARE_BIN", os.path.join(os.path.dirname(os.path.abspath(API)), "examples", "bare"))
# Where `make bench` keeps what several benches use: the office, the goals.
WORK = os.environ.get("BANSOS_BENCH_DIR") or os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(API))), "bench")
# Debian's nginx lies where only root looks.
os.environ["PATH"] += os.pathsep + "/usr/sbin"
os.environ["BANSOS_API_BIN"] = os.path.abspath(API)

# A simulation of this scale has about a million enrolments a month.
MILLION = "0.55"

children = []


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def office(scale=MILLION, months=2):
    """The data folder of a made-up office, kept for the benches that follow."""
    folder = os.path.join(WORK, f"office-{scale}-{months}")
    data, files = os.path.join(folder, "data"), os.path.join(folder, "files")
    if os.path.exists(os.path.join(folder, "done")):
        return data
    run("rm", "-rf", folder)
    for arguments in (
        ["init"],
        ["simulate", "--out", files, "--scale", scale, "--seed", "7", "--months", str(months)],
        ["import", files],
        ["publish", "--all", "--by", "Operator Satu", "--yes"],
    ):
        run(BANSOS, "--data", data, *arguments)
    run("rm", "-rf", files)
    open(os.path.join(folder, "done"), "w", encoding="ascii").close()
    return data


def releases(data):
    return sorted(os.listdir(os.path.join(data, "releases")))


def newest(data):
    """The newest release of each district: its rows are those that answer."""
    return sorted({release[:5]: release for release in releases(data)}.values())


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_for(port, child, seconds=60):
    for _ in range(seconds * 20):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if child.poll() is not None:
                sys.exit(f"{child.args[0]} ended with {child.returncode}")
            time.sleep(0.05)
    sys.exit(f"{child.args[0]} does not listen")


def start_server(data, *arguments):
    """bansos-api without the quotas, which would be what is measured."""
    quotas = [text for name in ("list", "statistics", "downloads") for text in (f"--limit-{name}", "1000000/1")]
    child = subprocess.Popen(
        [API, "--data", data, "serve", "--listen", "127.0.0.1:0", *quotas, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    children.append(child)
    return child, child.stdout.readline().split()[-1]


def start(command, port, **options):
    """A server that listens on `port`."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    children.append(child)
    wait_for(port, child)
    return child, f"http://127.0.0.1:{port}"


def start_nginx(folder, root):
    """nginx with sendfile over `root`; what it writes goes to `folder`."""
    folder, root = os.path.abspath(folder), os.path.abspath(root)
    port, path = free_port(), os.path.join(folder, "nginx.conf")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(path, "w", encoding="ascii") as file:
        file.write(f"""
{"user root;" if os.getuid() == 0 else ""}
worker_processes auto; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; {temporary}
  types {{ text/html html; text/css css; text/csv csv; }} default_type application/octet-stream;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
""")
    return start(["nginx", "-p", folder, "-c", path, "-e", os.path.join(folder, "nginx.log")], port)


def stop(child):
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child in children:
        children.remove(child)


def stop_all():
    for child in list(children):
        stop(child)


def wrk(base, paths, seconds=3, connections=8, headers=()):
    """One load by wrk: `paths` are asked for in turn, from a place that differs
    from load to load. Answers a second, latencies in ms, failures."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as names:
        names.write("\n".join(paths) + "\n")
        names.flush()
        environment = {**os.environ, "BENCH_PATHS": names.name, "BENCH_FROM": str(wrk.at)}
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", os.path.join(HERE, "paths.lua")]
        for header in headers:
            command += ["-H", header]
        done = subprocess.run([*command, base], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    line = next((line for line in done.stdout.splitlines() if line.startswith("BENCH ")), None)
    if done.returncode or not line:
        sys.exit(f"wrk failed:\n{done.stdout}")
    found = json.loads(line[6:])
    wrk.at += found["asked"]
    return found


wrk.at = 0


def memory(pid, field="VmRSS"):
    """Megabytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field)) / 1024


def cpu(pid):
    """Seconds of processor time that a process has taken, all threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine():
    """The line that says what a figure was measured with."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    profile = os.path.basename(os.path.dirname(os.path.abspath(API)))
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, `{profile}` profile, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f} at the start. `make bench` writes this file."
    )


def goal(text, wanted, figure, met):
    """Keeps a goal for the table at the end of `make bench`."""
    os.makedirs(WORK, exist_ok=True)
    with open(os.path.join(WORK, "goals.jsonl"), "a", encoding="utf-8") as file:
        file.write(json.dumps({"goal": text, "wanted": wanted, "figure": figure, "met": bool(met)}, ensure_ascii=False) + "\n")

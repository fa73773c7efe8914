#!/usr/bin/env python3
"""What a thousand idle connections take, each of which has asked once.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/bench/idle.py > tests/bench/IDLE.md
"""

import socket
import sys
import time

import common

CONNECTIONS = 1_000
PATH = "/v1/recipients?area=36.71.01&program=PKH"


def ask(one):
    """One GET; the connection stays open."""
    one.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += one.recv(65536)
    head, body = answer.split(b"\r\n\r\n", 1)
    if b" 200 " not in head.split(b"\r\n")[0]:
        sys.exit(head.decode())
    left = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))) - len(body)
    while left > 0:
        left -= len(one.recv(65536))


def main():
    data = common.office()
    server, base = common.start_server(data)
    host, port = base.removeprefix("http://").split(":")
    print("# A thousand idle connections\n")
    print(common.machine())
    print("A catalogue of a million rows. Each connection has had one answer of 100 rows and stays open.\n")
    print("| | resident |\n|---|---|")
    print(f"| started | {common.memory(server.pid):.0f} MB |")
    open_ones = []
    for at in range(CONNECTIONS):
        one = socket.create_connection((host, int(port)), timeout=60)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ask(one)
        open_ones.append(one)
        if at == 0:
            print(f"| one connection, the rows in memory | {common.memory(server.pid):.0f} MB |")
    time.sleep(1)
    idle = common.memory(server.pid)
    print(f"| {CONNECTIONS:,} connections, idle | {idle:.0f} MB |")
    for one in open_ones[::10]:
        ask(one)
    print(f"| each tenth has asked again | {common.memory(server.pid):.0f} MB |")
    print(f"| the most there was | {common.memory(server.pid, 'VmHWM'):.0f} MB |")
    for one in open_ones:
        one.close()
    common.goal("1,000 idle connections", "≤ 100 MB resident", f"{idle:.0f} MB", idle <= 100)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()

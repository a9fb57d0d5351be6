#!/usr/bin/env python3
"""Processor time of a server per delivery of a broadcast, with stateful reconnect and without, in turns. Linux.

    stateful_broadcast.py      conformance_server of the release build

Listeners with stateful reconnect acknowledge once a second, as Microsoft's clients do. Closed loop: the next broadcast goes out
when the deliveries of the one before the last have all come.
"""
import argparse
import json
import select
import statistics
import sys
import time

from hub_client import ask, connect, frame, open_socket, opened, source_address, upgrade
from server_process import Server, add_server_options, pin, raise_descriptor_limit

MARK = b"#"  # stands in no ping and in no header of a frame: one byte of each delivery, which no read can cut in two
HANDSHAKE = b'{"protocol":"json","version":2}\x1e'


def connect_stateful(port, path, source):
    asker = open_socket(port, source)
    answer = json.loads(ask(asker, b"POST", path + b"/negotiate?negotiateVersion=1&useStatefulReconnect=true"))
    asker.close()
    if not answer.get("useStatefulReconnect"):
        sys.exit("stateful_broadcast: the server does not offer stateful reconnect")
    s = open_socket(port, source)
    s.sendall(upgrade(port, path + b"?id=" + answer["connectionToken"].encode()) + frame(HANDSHAKE))
    return s


def deliveries_cost(server, options, stateful):
    """Microseconds of the server's processor time per delivery, and deliveries per second."""
    message = b'{"type":1,"target":"Broadcast","arguments":["' + MARK + b"x" * (options.payload - 1) + b'"]}\x1e'
    received_message = len(message) - len("Broadcast") + len("Receive")
    if options.payload < 100 or MARK[0] in received_message.to_bytes(2, "big"):
        sys.exit("stateful_broadcast: another --payload, please")
    sockets = []
    try:
        for i in range(options.listeners):
            make = connect_stateful if stateful else connect
            sockets.append(make(server.port, options.path.encode(), source_address(i)))
            opened(sockets[-1])
        poll, by_fd, counts = select.epoll(), {}, {}
        for s in sockets:
            s.setblocking(False)
            by_fd[s.fileno()] = s
            counts[s.fileno()] = 0
            poll.register(s.fileno(), select.EPOLLIN)
        publisher, call, acks_at = sockets[0], frame(message), [time.perf_counter() + 1]

        def run(broadcasts):
            sent, received, wanted = 0, 0, broadcasts * options.listeners
            while received < wanted:
                while sent < broadcasts and sent * options.listeners - received <= (options.window - 1) * options.listeners:
                    publisher.sendall(call)
                    sent += 1
                ready = poll.poll(30)
                if not ready:
                    sys.exit(f"stateful_broadcast: nothing came for 30 s after {received} of {wanted} deliveries")
                for fd, _ in ready:
                    piece = by_fd[fd].recv(65536)
                    if not piece:
                        sys.exit("stateful_broadcast: the server ended a connection")
                    came = piece.count(MARK)
                    counts[fd] += came
                    received += came
                if stateful and time.perf_counter() >= acks_at[0]:
                    acks_at[0] += 1
                    for fd, count in counts.items():
                        by_fd[fd].sendall(frame(b'{"sequenceId":' + str(count).encode() + b',"type":8}\x1e'))
            if received != wanted:
                sys.exit(f"stateful_broadcast: {received} deliveries instead of {wanted}")

        run(options.warm_up)
        cpu, begin = server.cpu(), time.perf_counter()
        run(options.broadcasts)
        cpu, took = server.cpu() - cpu, time.perf_counter() - begin
        deliveries = options.broadcasts * options.listeners
        return cpu / deliveries * 1e6, deliveries / took
    finally:
        for s in sockets:
            s.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_server_options(parser)
    parser.add_argument("--path", default="/bench")
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--payload", type=int, default=200, help="bytes of the text that is broadcast")
    parser.add_argument("--broadcasts", type=int, default=1000, help="of a round")
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--window", type=int, default=2, help="broadcasts under way")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    raise_descriptor_limit()
    pin(options.load_cpus)
    costs, rates = {"plain": [], "stateful": []}, {"plain": [], "stateful": []}
    with Server(options.start, None, None, options.threads, options.server_cpus) as server:
        for _ in range(options.rounds):
            for name in costs:
                cost, rate = deliveries_cost(server, options, name == "stateful")
                costs[name].append(cost)
                rates[name].append(rate)
    for name, values in costs.items():
        print(f"broadcast of {options.payload} B to {options.listeners}, {name}: {statistics.median(values):.3f} us of the server's processor time per delivery "
              f"(median of {[round(v, 3) for v in values]}), {statistics.median(rates[name]):.0f} deliveries/s")
    plain, stateful = statistics.median(costs["plain"]), statistics.median(costs["stateful"])
    print(f"stateful / plain: {f'{stateful / plain:.2f}' if plain > 0 else 'too few deliveries to tell'}, HUBBUB_THREADS={options.threads}")


if __name__ == "__main__":
    main()

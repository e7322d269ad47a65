"""The figures: each measures, and returns (numbers, rows of the table).

What is compared is measured in pairs, one after the other and in turns which
goes first, so that both meet the same neighbours and the same disk.
"""

import json
import os
import subprocess
import time

import machine
import servers
from report import Rows, spread

CONNECTIONS = 64


def _watched(pids, run):
    """The figures of run(), with what it cost the programs in the way, and
    how much of a core others took meanwhile."""
    before = {name: machine.cpu_seconds(p) for name, p in pids.items()}
    begun, others = time.monotonic(), -machine.busy_seconds()
    result = run()
    took = time.monotonic() - begun
    others += machine.busy_seconds()
    for name, family in pids.items():
        result[f"{name}_cpu"] = machine.cpu_seconds(family) - before[name]
        others -= result[f"{name}_cpu"]
    result["others_cpu"] = max(0, others / took - result["generator_cpu"])
    return result


def _posts(stage, address, mount, kind, seconds, pids, *more):
    """One run of posts."""
    result = _watched(pids, lambda: stage.measure(
        "load", address, "-m", mount, "-k", kind, "-c", CONNECTIONS, "-t",
        seconds, *more))
    for name in pids:
        result[f"{name}_cpu_us"] = \
            result.pop(f"{name}_cpu") / result["total"] * 1e6
    return result


def _pairs(count, sides):
    """Interleaved rounds of the sides {name: run}, each first in turns.

    A round in which others took more than machine.CALM on either side is
    measured again; when there are too many of them the least disturbed count
    as well, and the table tells.  {name: [results]}, and words on that.
    """
    calm, disturbed = [], []
    names = list(sides)
    while len(calm) < count and len(calm) + len(disturbed) < 3 * count:
        machine.wait_calm()
        turn = len(calm) + len(disturbed)
        found = {name: sides[name]()
                 for name in (names if turn % 2 == 0 else reversed(names))}
        worst = max(r["others_cpu"] for r in found.values())
        (calm if worst <= machine.CALM else disturbed).append((worst, found))
    disturbed.sort(key=lambda pair: pair[0])
    rounds = calm + disturbed[:count - len(calm)]
    results = {name: [found[name] for _, found in rounds] for name in names}
    return results, (f"{len(rounds)}, {len(rounds) - len(calm)} of them "
                     f"disturbed; {len(calm) + len(disturbed) - len(rounds)} "
                     "disturbed ones put aside")


def _told_disturbance(rows, results, words):
    rows.add("rounds", words)
    for name, runs in results.items():
        rows.add(f"{name}, others' CPU meanwhile (of one core)",
                 spread([r["others_cpu"] for r in runs]))


def _compare(stage, address, sides):
    """Posts to two mounts {name: (mount, kind, pids, options...)} in
    rounds."""
    seconds = stage.pick(2.0, 1.0)
    results, words = _pairs(stage.pick(11, 3), {
        name: lambda side=side: _posts(stage, address, side[0], side[1],
                                       seconds, *side[2:])
        for name, side in sides.items()})
    one, two = results.values()
    ratios = [a["rate"] / b["rate"] for a, b in zip(one, two)]
    return results, ratios, words


def _post_rows(results, ratios, words, goal):
    rows = Rows()
    _told_disturbance(rows, results, words)
    for name, runs in results.items():
        rows.add(f"{name}, posts/s", spread([r["rate"] for r in runs]))
        rows.add(f"{name}, p50 us", spread([r["p50_us"] for r in runs]))
        rows.add(f"{name}, p99 us", spread([r["p99_us"] for r in runs]))
        for key in runs[0]:
            if key.endswith("_cpu_us"):
                rows.add(f"{name}, CPU us a post of {key[:-7]}",
                         spread([r[key] for r in runs]))
        rows.add(f"{name}, generator's CPU (of one core)",
                 spread([r["generator_cpu"] for r in runs]))
    ratio = spread(ratios)
    rows.add(" : ".join(results), ratio, f">= {goal}",
             ratio["median"] >= goal)
    return rows


def _post(stage, front, goal):
    with stage.letterbox() as (ours, program), \
            stage.noop() as (theirs, nothing), \
            front(stage.run_dir, {"/api": ours, "/noop": theirs}) as \
            (address, web):
        servers.wait_ready(address, "/api", program)
        web_pids = servers.family(web)
        results, ratios, words = _compare(stage, address, {
            "letterbox": ("/api", "post",
                          {"program": [program.pid], "web": web_pids}),
            "noop": ("/noop", "noop",
                     {"program": [nothing.pid], "web": web_pids})})
    return ({"runs": results, "ratios": ratios, "ratio": spread(ratios)},
            _post_rows(results, ratios, words, goal))


def post_lighttpd(stage):
    """durable posts, 64 connections, against the no-op behind lighttpd"""
    return _post(stage, servers.lighttpd, 0.75)


def post_nginx(stage):
    """the same behind nginx with fastcgi_keep_conn on"""
    return _post(stage, servers.nginx, 0.6)


def channel(stage):
    """an application's create and send, each against posts to rooms"""
    numbers, rows = {}, Rows()
    for kind in ("create", "send"):
        with stage.letterbox() as (ours, program), \
                servers.lighttpd(stage.run_dir, {"/api": ours}) as \
                (address, web):
            servers.wait_ready(address, "/api", program)
            pids = {"program": [program.pid], "web": servers.family(web)}
            results, ratios, words = _compare(stage, address, {
                kind: ("/api", kind, pids, "-K", stage.key(ours)),
                "post": ("/api", "post", pids)})
        numbers[kind] = {"runs": results, "ratio": spread(ratios)}
        rows.extend(_post_rows(results, ratios, words, 0.75))
    return numbers, rows


def self_check(stage):
    """the no-op against itself: what two equal sides look like"""
    with stage.noop() as (one, first), stage.noop() as (two, second), \
            servers.lighttpd(stage.run_dir, {"/one": one, "/two": two}) as \
            (address, web):
        web_pids = servers.family(web)
        results, ratios, words = _compare(stage, address, {
            "one": ("/one", "noop",
                    {"program": [first.pid], "web": web_pids}),
            "two": ("/two", "noop",
                    {"program": [second.pid], "web": web_pids})})
    ratio = spread(ratios)
    rows = _post_rows(results, ratios, words, 0.95)
    rows[-1] = ("one : two", rows[-1][1], "0.95 to 1.05",
                0.95 <= ratio["median"] <= 1.05)
    return {"runs": results, "ratios": ratios, "ratio": ratio}, rows


def _deliver_rows(results, words, disks):
    rows = Rows()
    _told_disturbance(rows, results, words)
    for name, runs in results.items():
        for since in ("sent", "scheduled"):
            for key, goal in (("p50", 300), ("p99", 1000), ("max", 0)):
                values = spread([r[f"{since}_{key}_us"] for r in runs])
                goal = goal if name == "letterbox" and since == "sent" else 0
                rows.add(f"{name}, {key} us since {since}", values,
                         f"<= {goal}" if goal else "",
                         values["median"] <= goal)
    for key in ("inplace", "append"):
        rows.add(f"one fdatasync, {key}, p50 us",
                 spread([d[f"{key}_p50_us"] for d in disks]))
    return rows


def deliver(stage):
    """post sent to the other's poll answered, 1,000 rooms of two, 200/s"""
    options = ("-r", 1000, "-f", 200, "-t", stage.pick(10, 3))
    disks = []
    sides = {"letterbox": lambda: _deliver_letterbox(stage, options, disks)}
    if os.path.exists(servers.NCHAN):
        sides["nchan"] = lambda: _deliver_nchan(stage, options)
    results, words = _pairs(stage.pick(9, 3), sides)
    rows = _deliver_rows(results, words, disks)
    if "nchan" not in sides:
        rows.add("nchan", "not installed (libnginx-mod-nchan)")
    return {"runs": results, "disk": disks}, rows


def _deliver_letterbox(stage, options, disks):
    disks.append(stage.disk(200))
    with stage.letterbox() as (path, child), \
            servers.lighttpd(stage.run_dir, {"/api": path}) as \
            (address, web):
        servers.wait_ready(address, "/api", child)
        return _watched(
            {"program": [child.pid], "web": [web.pid]},
            lambda: stage.measure("deliver", address, *options))


def _deliver_nchan(stage, options):
    with servers.nginx(stage.run_dir, {}, nchan=True) as (address, web):
        return _watched(
            {"web": servers.family(web)},
            lambda: stage.measure("deliver", address, "-k", "nchan",
                                  *options))


def wake(stage):
    """the same between two processes on one database, 100/s"""
    options = ("-r", 100, "-f", 100, "-t", stage.pick(20, 3))
    results, words = _pairs(stage.pick(9, 3), {
        "one": lambda: _wake(stage, 1, options),
        "two": lambda: _wake(stage, 2, options)})
    rows = Rows()
    _told_disturbance(rows, results, words)
    for name, runs in results.items():
        for since in ("sent", "acked"):
            for key in ("p50", "p99", "max"):
                values = spread([r[f"{since}_{key}_us"] for r in runs])
                goal = name == "two" and since == "acked" and key == "p99"
                rows.add(f"{name} process{'es' if name == 'two' else ''}, "
                         f"{key} us since {since}", values,
                         "<= 20000" if goal else "",
                         not goal or values["median"] <= 20000)
    return {"runs": results}, rows


def _wake(stage, processes, options):
    """Polls at the one process, posts at the other, or both at one."""
    data_dir = os.path.join(stage.data_root, stage.fresh("shared"))
    os.mkdir(data_dir, 0o700)
    with stage.letterbox(data_dir) as (one, first), \
            stage.letterbox(data_dir) as (two, second), \
            servers.lighttpd(stage.run_dir, {"/one": one, "/two": two}) as \
            (address, web):
        for mount, child in (("/one", first), ("/two", second)):
            servers.wait_ready(address, mount, child)
        return _watched(
            {"program": [first.pid, second.pid], "web": [web.pid]},
            lambda: stage.measure("deliver", address, "-m", "/one", "-p",
                                  "/one" if processes == 1 else "/two",
                                  *options))


class _Parker:
    """The program park, told what to do line by line."""

    def __init__(self, stage, address, polls):
        self._child = subprocess.Popen(
            [stage.program("park"), "-a", address, "-p", str(polls)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._child.stdin.close()
        self._child.wait(30)

    def tell(self, command):
        """One command; the figures it answers with."""
        print(command, file=self._child.stdin, flush=True)
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"park ended at '{command}'")
        return json.loads(line)


def _idle(pids, seconds):
    before = machine.cpu_seconds(pids)
    time.sleep(seconds)
    return (machine.cpu_seconds(pids) - before) / seconds * 100


def _park(stage, polls):
    found = {}
    with stage.letterbox() as (path, child), \
            servers.lighttpd(stage.run_dir, {"/api": path}) as \
            (address, web):
        servers.wait_ready(address, "/api", child)
        found["started"] = machine.memory_kb(child.pid)
        with _Parker(stage, address, polls) as park:
            found["join"] = park.tell("join")
            found["joined"] = machine.memory_kb(child.pid)
            found["web_joined"] = machine.memory_kb(web.pid)
            found["park"] = park.tell("park")
            found["idle_cpu"] = _idle([child.pid], stage.pick(10, 3))
            found["parked"] = machine.memory_kb(child.pid)
            found["web_parked"] = machine.memory_kb(web.pid)
            found["wake"] = park.tell("wake")
            found["deadline"] = park.tell("deadline 5")
            found["after"] = machine.memory_kb(child.pid)
    return found


def parked(stage):
    """8,000 parked polls: memory, idle CPU, waking, the deadline"""
    polls = 8000
    runs = [_park(stage, polls) for _ in range(stage.pick(3, 1))]
    rows = Rows()
    for when in ("started", "joined", "parked", "after"):
        for kind in ("rss", "anon"):
            values = spread([r[when][kind] for r in runs])
            goal = when == "parked" and kind == "rss"
            rows.add(f"letterbox, {kind} kB, {when}", values,
                     "<= 8192" if goal else "", values["median"] <= 8192)
    rows.add("letterbox, bytes a parked poll", spread(
        [(r["parked"]["rss"] - r["joined"]["rss"]) * 1024 / polls
         for r in runs]))
    rows.add("lighttpd, bytes a parked poll", spread(
        [(r["web_parked"]["rss"] - r["web_joined"]["rss"]) * 1024 / polls
         for r in runs]))
    idle = spread([r["idle_cpu"] for r in runs])
    rows.add("letterbox, idle CPU %", idle, "<= 1", idle["median"] <= 1)
    mail = min(r["wake"]["with_mail"] for r in runs)
    rows.add("woken with mail, of " + str(polls), mail, "all", mail == polls)
    rows.add("all woken after ms", spread(
        [r["wake"]["last_ms"] for r in runs]))
    answered = min(r["deadline"]["answered"] for r in runs)
    rows.add("answered at the deadline", answered, "all", answered == polls)
    for key in ("p50", "p99", "max"):
        rows.add(f"later than the deadline, {key} ms", spread(
            [r["deadline"][f"late_{key}_ms"] for r in runs]))
    return {"runs": runs, "polls": polls}, rows


def crowd(stage):
    """one room, 64 posters at full speed, one reader"""
    runs = []
    for _ in range(stage.pick(9, 3)):
        with stage.letterbox(peers_max=128, room_messages=1000000,
                             room_bytes=1 << 30) as (path, child), \
                servers.lighttpd(stage.run_dir, {"/api": path}) as \
                (address, _):
            servers.wait_ready(address, "/api", child)
            runs.append(stage.measure("crowd", address, "-c", CONNECTIONS,
                                      "-t", stage.pick(3, 1)))
    rows = Rows()
    for key in ("acknowledged", "read"):
        rows.add(f"messages {key}, all runs", sum(r[key] for r in runs))
    for key in ("lost", "doubled", "disorder"):
        total = sum(r[key] for r in runs)
        rows.add(f"messages {key}", total, "0", total == 0)
    rows.add("posts/s", spread([r["rate"] for r in runs]))
    rows.add("p50 us", spread([r["p50_us"] for r in runs]))
    rows.add("p99 us", spread([r["p99_us"] for r in runs]))
    rows.add("reader done after the last post, ms",
             spread([r["drain_ms"] for r in runs]))
    return {"runs": runs}, rows

"""The cost of a post and of a poll over the size of the database.

Rooms, peers and stored messages are grown one at a time from 10^2 to 10^6,
the rows written by SQL into databases that the program itself has made.  The
last sweep measures in a room that is itself nearly empty, or at its bound of
4,096 messages (a run adds about a thousand).  All databases of a sweep are
served at the same time behind one lighttpd and measured in turns.
"""

import contextlib
import os
import sqlite3
import time

import machine
import servers
from report import Rows, spread, told

# What is already there, so that the measured rooms are newcomers: open rooms,
# peers whose id is still reserved, messages that have not expired.
SEED = {
    "room": """
        WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL
          SELECT n + 1 FROM i WHERE n < :rooms)
        INSERT INTO room (row, namespace, name, created_at)
        SELECT n, 'rooms', 'seeded-' || n, :now FROM i""",
    "peer": """
        WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL
          SELECT n + 1 FROM i WHERE n < :peers)
        INSERT INTO peer (row, room, id, state, changed_at, token, since)
        SELECT n, 1 + n % :rooms, 'peer-' || n, 3, :now, randomblob(32),
          :now FROM i""",
    "message": """
        WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL
          SELECT n + 1 FROM i WHERE n < :messages)
        INSERT INTO message (seq, room, sender, type, size, posted_at, body)
        SELECT n, 1 + n % :rooms, 1 + n % :peers, 'candidate',
          length(:body), :now, :body FROM i""",
    "meta": "UPDATE meta SET newest = :messages",
}

BODY = ('{"candidate":"candidate:842163049 1 udp 1677729535 203.0.113.77 '
        '50123 typ srflx raddr 192.0.2.4 rport 50123 generation 0 ufrag mT5k'
        ' network-cost 999","sdpMid":"0","sdpMLineIndex":0}')

BASE = {"rooms": 100, "peers": 100, "messages": 100}
OWN = "messages in 20 rooms, posted to one"
POWERS = [10 ** e for e in range(2, 7)]

# What is grown, to which numbers, from which others.
SWEEPS = {
    "rooms": (POWERS, BASE),
    "peers": (POWERS, BASE),
    "messages": (POWERS, BASE),
    # Twenty rooms, so that each run finds one that nobody has posted to yet.
    OWN: ([2000, 80000], {"rooms": 20, "peers": 20}),
}


def _seed(stage, counts):
    """A data folder whose database holds this many of each."""
    folder = os.path.join(stage.data_root, stage.fresh("size"))
    os.mkdir(folder, 0o700)
    database = os.path.join(folder, "letterbox.db")
    with stage.letterbox(folder) as (path, child), \
            servers.lighttpd(stage.run_dir, {"/api": path}) as (address, _):
        servers.wait_ready(address, "/api", child)
    with contextlib.closing(sqlite3.connect(database)) as db:
        values = counts | {"now": int(time.time() * 1000), "body": BODY}
        for sql in SEED.values():
            db.execute(sql, values)
        db.commit()
    return folder


def _measure(stage, address, mount, child, room):
    """Latency of a lonely post and poll, and the program's CPU for each."""
    found = {}
    for kind in ("post", "poll"):
        before = machine.cpu_seconds([child.pid])
        result = stage.measure("load", address, "-m", mount, "-k", kind,
                               "-c", 1, "-t", 0.3, *(["-r", room] if room else []))
        used = machine.cpu_seconds([child.pid]) - before
        found[f"{kind}_p50_us"] = result["p50_us"]
        found[f"{kind}_cpu_us"] = used / result["total"] * 1e6
    return found


def _sweep(stage, what):
    sizes, base = SWEEPS[what]
    sizes = sizes[:stage.pick(len(sizes), 3)]
    grown = what.split()[0]
    found = {size: [] for size in sizes}
    with contextlib.ExitStack() as stack:
        mounts, paths, children = {}, {}, {}
        for i, size in enumerate(sizes):
            folder = _seed(stage, base | {grown: size})
            path, children[size] = stack.enter_context(
                stage.letterbox(folder))
            # No mount may begin with another one: the first match wins.
            mounts[size] = f"/db{i}"
            paths[mounts[size]] = path
        address, _ = stack.enter_context(
            servers.lighttpd(stage.run_dir, paths))
        for size in sizes:
            servers.wait_ready(address, mounts[size], children[size])
        for i in range(stage.pick(9, 3)):
            room = f"seeded-{i + 1}" if what == OWN else None
            for size in sizes if i % 2 == 0 else reversed(sizes):
                found[size].append(_measure(
                    stage, address, mounts[size], children[size], room))
        memory = {size: machine.memory_kb(child.pid)
                  for size, child in children.items()}
    return found, memory


KEYS = {
    "post_p50_us": "post, p50 us",
    "post_cpu_us": "post, CPU us",
    "poll_p50_us": "poll, p50 us",
    "poll_cpu_us": "poll, CPU us",
}


def size(stage):
    """cost of a post and of a poll over rooms, peers and messages stored"""
    numbers, rows = {}, Rows()
    for what in SWEEPS:
        found, memory = _sweep(stage, what)
        numbers[what] = {str(s): {"runs": runs, "memory": memory[s]}
                         for s, runs in found.items()}
        for key, name in KEYS.items():
            for number, runs in found.items():
                rows.add(f"{number:>9,} {what}: {name}",
                         spread([r[key] for r in runs]))
            rows.append(_growth(found, key, f"{what}: {name}"))
        for number in found:
            rows.add(f"{number:>9,} {what}: resident kB",
                     memory[number]["rss"])
    return numbers, rows


def _growth(found, key, name):
    """The largest database's cost over the smallest's, round by round: each
    round measures both within seconds of each other."""
    first, last = list(found.values())[0], list(found.values())[-1]
    ratio = spread([b[key] / a[key] for a, b in zip(first, last)])
    return (f"most : fewest {name}", told(ratio), "<= 1.25",
            ratio["median"] <= 1.25)

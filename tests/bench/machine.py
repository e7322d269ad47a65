"""What the figures were measured on, and what a process uses of it."""

import json
import os
import platform
import re
import subprocess
import time

# Of one core: what others may take before a round counts as disturbed.
CALM = 0.25


def _first(path, pattern):
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                found = re.search(pattern, line)
                if found:
                    return found.group(1).strip()
    except OSError:
        pass
    return "unknown"


def _version(command, pattern):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except OSError:
        return "not installed"
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else "unknown"


def _filesystem(folder):
    done = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", folder],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def describe(letterbox, folder):
    """The machine and the programs, for the head of the report."""
    return {
        "cpu": _first("/proc/cpuinfo", r"model name\s*:\s*(.*)"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)")) //
        1024,
        "kernel": platform.release(),
        "filesystem": _filesystem(folder),
        "letterbox": _version([letterbox, "--version"], r"(?m)^(.+)$"),
        "sqlite": _version([letterbox, "--version"],
                           r"(?i)sqlite\s+([\d.]+)"),
        "lighttpd": _version(["lighttpd", "-v"], r"lighttpd/(\S+)"),
        "nginx": _version(["nginx", "-v"], r"nginx/(\S+)"),
    }


def disk(program, folder, count=500):
    """One fdatasync in `folder`: see disk.c."""
    done = subprocess.run([program, folder, str(count)], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def cpu_seconds(pids):
    """CPU time of all threads of these processes, to the nanosecond."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat",
                      encoding="ascii") as stat:
                total += int(stat.read().split()[0])
    return total / 1e9


def busy_seconds():
    """CPU time that the whole machine has spent on anything."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = ticks[:8]
    return (user + nice + system + irq + softirq + steal) / \
        os.sysconf("SC_CLK_TCK")


def wait_calm(most=10.0):
    """Until the machine was nearly idle for 0.3 s, but not for ever."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        busy = busy_seconds()
        time.sleep(0.3)
        if busy_seconds() - busy < 0.3 * CALM:
            return


def memory_kb(pid):
    """Resident memory of a process: all of it, and what is not a file."""
    path = f"/proc/{pid}/status"
    return {
        "rss": int(_first(path, r"VmRSS:\s*(\d+)")),
        "anon": int(_first(path, r"RssAnon:\s*(\d+)")),
    }

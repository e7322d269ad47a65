"""A stage: folders, programs and settings that the figures share."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile

import machine
import servers

# Every limit lifted: the generators come from one address and in a hurry.
LIFTED = {
    "post_rate": 1000000,
    "post_burst": 1000000,
    "join_rate": 1000000,
    "join_burst": 1000000,
    "key_rate": 1000000,
    "key_burst": 1000000,
    "polls_per_address": 20000,
    "seats": 20000,
}


class Stage:
    """Where programs are found, servers started, and files left."""

    def __init__(self, build, quick):
        self.build = build
        self.quick = quick
        self.letterbox_path = os.path.join(build, "letterbox")
        self._names = 0

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self.bench = os.path.join(self.build, "bench")
        self.run_dir = tempfile.mkdtemp(prefix="lb")
        self.data_root = tempfile.mkdtemp(prefix="data.", dir=self.bench)
        for folder in (self.run_dir, self.data_root):
            self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def pick(self, full, quick):
        """A size of the measurement: the full one, or QUICK=1's."""
        return quick if self.quick else full

    def program(self, name):
        """The path of one of our own programs."""
        return os.path.join(self.bench, name)

    def fresh(self, name):
        """A name that this run has not used yet."""
        self._names += 1
        return f"{name}{self._names}"

    def disk(self, count=500):
        """One fdatasync where the databases are."""
        return machine.disk(self.program("disk"), self.data_root, count)

    @contextlib.contextmanager
    def noop(self):
        """The program that does nothing; yields (socket path, process)."""
        path = os.path.join(self.run_dir, self.fresh("n"))
        with servers.fastcgi([self.program("noop")], path,
                             path + ".log") as child:
            yield path, child

    @contextlib.contextmanager
    def letterbox(self, data_dir=None, **settings):
        """Letterbox with limits lifted; yields (socket path, process)."""
        name = self.fresh("l")
        if data_dir is None:
            data_dir = os.path.join(self.data_root, name)
            os.mkdir(data_dir, 0o700)
        conf = os.path.join(self.run_dir, name + ".conf")
        with open(conf, "w", encoding="utf-8") as out:
            for key, value in ({"data_dir": data_dir} | LIFTED |
                               settings).items():
                print(f"{key} = {value}", file=out)
        path = os.path.join(self.run_dir, name)
        with servers.fastcgi([self.letterbox_path, "-c", conf], path,
                             path + ".log") as child:
            yield path, child

    def key(self, path):
        """A new application key of the Letterbox with this socket."""
        done = subprocess.run(
            [self.letterbox_path, "key", "add", self.fresh("app"), "-c",
             path + ".conf"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def measure(self, program, address, *options):
        """Run one of our generators; its figures."""
        done = subprocess.run(
            [self.program(program), "-a", address, *map(str, options)],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def logs(self):
        """The last lines of every server's log, for an error's report."""
        text = ""
        for name in sorted(os.listdir(self.run_dir)):
            if name.endswith(".log"):
                with open(os.path.join(self.run_dir, name),
                          encoding="utf-8", errors="replace") as log:
                    lines = log.readlines()[-5:]
                if lines:
                    text += f"\n{name}:\n" + "".join(lines)
        return text

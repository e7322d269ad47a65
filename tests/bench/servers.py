"""Start and end what is measured: letterbox, noop, lighttpd, nginx.

Each `with` ends what it started, by its process id.  Sockets lie in a short
scratch folder (a path of a Unix socket has at most 108 bytes), data in one on
the disk of the source tree, because /tmp may be memory.
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request


def lift_descriptors():
    """Raise the soft limit, and say how many there are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def wait_for(what, condition, child=None, seconds=10.0):
    """Until condition() is true; an error when that takes too long, or when
    the process that it depends on has ended."""
    end = time.monotonic() + seconds
    while not condition():
        if child is not None and child.poll() is not None:
            raise RuntimeError(f"{what} ended with {child.returncode}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds:g} s")
        time.sleep(0.01)


@contextlib.contextmanager
def process(command, log, **options):
    """A process with its stderr in the file `log`, ended with SIGTERM."""
    with open(log, "ab") as stderr:
        child = subprocess.Popen(command, stdout=stderr, stderr=stderr,
                                 **options)
    try:
        yield child
        if child.poll() is not None:
            raise RuntimeError(f"{command[0]} ended by itself, see {log}")
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def fastcgi(command, path, log, **options):
    """A FastCGI program with a listening Unix socket as descriptor 0."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(4096)
        listener.setblocking(False)
        try:
            with process(command, log, stdin=listener, **options) as child:
                yield child
        finally:
            os.unlink(path)


def free_port():
    """A port of 127.0.0.1 that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    """Whether a GET of `url` is answered 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_ready(address, mount, child):
    """Until Letterbox answers behind its web server."""
    wait_for("letterbox", lambda: answers(f"http://{address}{mount}/healthz"),
             child, 60)


def connects(port):
    """Whether somebody listens on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


LIGHTTPD = """\
server.modules = ("mod_fastcgi")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/lighttpd.log"
server.max-fds = {max_fds}
server.max-connections = {max_connections}
server.listen-backlog = 4096
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
server.max-read-idle = 300
fastcgi.server = (
{mounts})
"""

LIGHTTPD_MOUNT = """\
  "{mount}" => (("socket" => "{path}", "check-local" => "disable",
    "tcp-fin-propagate" => "enable")),
"""


@contextlib.contextmanager
def lighttpd(folder, mounts):
    """lighttpd with these mounts {"/api": socket path}."""
    port = free_port()
    # Beyond 65535 lighttpd wraps to 4096.
    max_fds = min(lift_descriptors(), 32768)
    conf = os.path.join(folder, "lighttpd.conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write(LIGHTTPD.format(
            folder=folder, port=port, max_fds=max_fds,
            max_connections=max_fds // 2,
            mounts="".join(LIGHTTPD_MOUNT.format(mount=m, path=p)
                           for m, p in mounts.items())))
    command = ["lighttpd", "-D", "-f", conf]
    with process(command, f"{folder}/lighttpd.log") as child:
        wait_for("lighttpd", lambda: connects(port), child)
        yield f"127.0.0.1:{port}", child


NGINX = """\
{user}
daemon off;
worker_processes auto;
worker_rlimit_nofile {max_fds};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
{modules}
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
{upstreams}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
{locations}
  }}
}}
"""

NGINX_UPSTREAM = """\
  upstream {name} {{
    server unix:{path};
    keepalive 128;
    keepalive_requests 1000000000;
  }}
"""

NGINX_LOCATION = """\
    location {mount}/ {{
      fastcgi_pass {name};
      fastcgi_keep_conn on;
      fastcgi_split_path_info ^({mount})(/.*)$;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param SERVER_NAME $server_name;
      fastcgi_param SERVER_PORT $server_port;
      fastcgi_param GATEWAY_INTERFACE CGI/1.1;
    }}
"""

NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"

NCHAN_LOCATIONS = """\
    location ~ ^/pub/(.+)$ {
      nchan_publisher;
      nchan_channel_id $1;
      nchan_message_buffer_length 256;
    }
    location ~ ^/sub/(.+)$ {
      nchan_subscriber longpoll;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
    }
"""


@contextlib.contextmanager
def nginx(folder, mounts, nchan=False):
    """nginx with these FastCGI mounts, and Nchan under /pub and /sub."""
    port = free_port()
    max_fds = lift_descriptors()
    locations = "".join(
        NGINX_LOCATION.format(mount=m, name=m.strip("/")) for m in mounts)
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write(NGINX.format(
            folder=folder, port=port, max_fds=max_fds,
            connections=max_fds // 2,
            user="user root;" if os.geteuid() == 0 else "",
            modules=f"load_module {NCHAN};" if nchan else "",
            upstreams="".join(
                NGINX_UPSTREAM.format(name=m.strip("/"), path=p)
                for m, p in mounts.items()),
            locations=locations + (NCHAN_LOCATIONS if nchan else "")))
    with process(["nginx", "-p", folder, "-c", conf],
                 f"{folder}/nginx.log") as child:
        wait_for("nginx", lambda: connects(port), child)
        yield f"127.0.0.1:{port}", child


def family(child):
    """The process ids of a process and its children."""
    with open(f"/proc/{child.pid}/task/{child.pid}/children",
              encoding="ascii") as children:
        return [child.pid] + [int(pid) for pid in children.read().split()]

"""The Channel API of App Engine on Letterbox, for Python 3.8 and newer.

Copy this one file into the application; it needs nothing but Python. Then

    from google.appengine.api import channel

becomes

    import channel

and create_channel() and send_message() work as they did. Where Letterbox is,
and the key that `letterbox key add` has shown, come from the environment:

    LETTERBOX_URL       https://www.example.org/api: what /channel/... follows
    LETTERBOX_KEY       the key, or
    LETTERBOX_KEY_FILE  a file with nothing else in it
    LETTERBOX_KEY_NAME  the name of the key: requests are signed with the key,
                        which itself is not sent (clocks agree within 300 s)
    LETTERBOX_TICKET_KEY, LETTERBOX_TICKET_KEY_FILE
                        for mint_ticket() alone: as ticket_key_file has it

or from channel.configure(url=..., key=...). Who has several keys makes a
Channel of each and calls its methods. Both are safe in threads and after a
fork; each thread keeps its connection.

A call is repeated for `patience` seconds when the server cannot be reached or
says that it is busy; send_message() numbers what it sends, so that a repeat is
one message. What remains is an Error, with the server's words.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import random
import secrets
import threading
import time
from typing import List, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

try:
    import fcntl
except ImportError:  # not Unix: one process at a time, please
    fcntl = None

MAXIMUM_CLIENT_ID_LENGTH = 256  # bytes of UTF-8
MAXIMUM_TOKEN_DURATION_MINUTES = 24 * 60
MAXIMUM_MESSAGE_LENGTH = 32767  # bytes of UTF-8

_TOKEN_LENGTH = 4096
_JSON_LENGTH = 98304  # bytes; above it a form
_HOOK_S = 300  # that a post's date may be off
_TRANSIENT = (429, 500, 502, 503, 504)  # 500: a program that was killed


# --- errors -----------------------------------------------------------------

class Error(Exception):
    """Everything that this module raises.

    `status` is that of HTTP, 0 when there was no answer; `code` is Letterbox's
    word for it, or ''; `retryable` whether the same call may succeed later.
    """

    def __init__(self, words, status=0, code='', retryable=False):
        super().__init__(words)
        self.status = status
        self.code = code
        self.retryable = retryable


class InvalidChannelClientIdError(Error):
    """The client id is no text of 1 to 256 bytes."""


class InvalidChannelTokenDurationError(Error):
    """The duration is no whole number of minutes, 1 to 1440."""


class InvalidMessageError(Error):
    """The message is no text of 1 to 32767 bytes."""


class AppIdAliasRequired(Error):
    """Of the original; never raised here."""


class ConfigurationError(Error):
    """The address or the key is missing, or is none."""


class KeyRefusedError(Error):
    """The server does not know the key, or the signature is not its (401)."""


class FullError(Error):
    """Too much waits for this client, or the server's disk is full (507)."""


class UnavailableError(Error):
    """No answer, or "later", for as long as there was patience."""


_BY_NAME = {error.__name__: error for error in (
    InvalidChannelClientIdError, InvalidChannelTokenDurationError,
    InvalidMessageError)}
_BY_STATUS = {401: KeyRefusedError, 507: FullError,
              **{status: UnavailableError for status in _TRANSIENT}}


# --- what is asked and answered ---------------------------------------------

class Event(NamedTuple):
    """A client that has come or gone."""
    event: str      # 'connected', 'disconnected'; of events() also 'gap'
    client_id: str
    at: float       # seconds of Unix time
    seq: int


class Presence(NamedTuple):
    """What presence() answers."""
    events: List[Event]
    cursor: str     # `after` of the next question
    gap: bool       # events before these are lost: who is there is not known
    pause: float    # seconds to wait before the next question, where it is
                    # not held


def _text(value, most, error, what):
    """`value` as str; bytes count as UTF-8."""
    try:
        data = value.encode() if isinstance(value, str) else value
        text = data.decode() if isinstance(data, (bytes, bytearray)) else ''
    except UnicodeError:
        text = ''
    if not text or len(data) > most:
        raise error('%s is a text of 1 to %d bytes of UTF-8' % (what, most))
    return text


def _encode64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def _hmac(key, text):
    """base64url(HMAC-SHA256(SHA-256(key), text))."""
    return _encode64(hmac.new(hashlib.sha256(key.encode()).digest(),
                              text.encode(), hashlib.sha256).digest())


def sign(key, path, date, body):
    """X-Letterbox-Signature of a POST of `body` (bytes) to `path`, such as
    /channel/send, at `date` in seconds; a fraction tells requests apart."""
    return _hmac(key, 'POST\n%s\n%s\n%s' % (
        path, date, hashlib.sha256(body).hexdigest()))


class Channel:
    """One application's service, by its own key.

    Arguments that are left out come from the environment. `timeout` in seconds
    is for one try, `patience` for all of them together, beside what they are
    held; `tls` is an ssl.SSLContext where the default one will not do.
    """

    def __init__(self, url=None, key=None, key_name=None, *, timeout=10,
                 patience=5, tls=None):
        self.url = (url or os.environ.get('LETTERBOX_URL', '')).rstrip('/')
        self.key = key or _secret('LETTERBOX_KEY')
        # A key of one's own does not have the name of the environment's.
        self.key_name = key_name or (
            None if key else os.environ.get('LETTERBOX_KEY_NAME'))
        self.timeout = timeout
        self.patience = patience
        self.tls = tls
        try:
            where = urlsplit(self.url)
            self._host, self._port = where.hostname, where.port
        except ValueError:
            where, self._host = None, None
        if not self._host or where.scheme not in ('http', 'https'):
            raise ConfigurationError(
                'LETTERBOX_URL is no http:// or https:// address: %r'
                % self.url)
        if not self.key:
            raise ConfigurationError('LETTERBOX_KEY is not set')
        self._is_https = where.scheme == 'https'
        # Behind ?path= too, where a host knows no paths behind a program.
        self._mount = where.path + (where.query and '?' + where.query)
        self._own = threading.local()

    # --- the calls of the original ---

    def create_channel(self, client_id, duration_minutes=None):
        """A token for the page of `client_id`, another one at each call.

        `duration_minutes`: 1 to 1440 that it is good, 120 when left out.
        """
        request = {'client_id': _text(client_id, MAXIMUM_CLIENT_ID_LENGTH,
                                      InvalidChannelClientIdError,
                                      'client_id')}
        if duration_minutes is not None:
            if not isinstance(duration_minutes, int) or not \
                    1 <= duration_minutes <= MAXIMUM_TOKEN_DURATION_MINUTES:
                raise InvalidChannelTokenDurationError(
                    'duration_minutes is a whole number, 1 to %d'
                    % MAXIMUM_TOKEN_DURATION_MINUTES)
            request['duration_minutes'] = int(duration_minutes)
        return self._post('create', request)['token']

    def send_message(self, client_id, message, id=None):
        """Sends `message` to a client, by its id or a token of it.

        On disk when this returns, whether somebody listens or not. Calls with
        the same `id` (1 to 128 bytes) within an hour are one message.
        """
        self._post('send', {
            'client_id': _text(client_id, _TOKEN_LENGTH,
                               InvalidChannelClientIdError, 'client_id'),
            'message': _text(message, MAXIMUM_MESSAGE_LENGTH,
                             InvalidMessageError, 'message'),
            'id': id or secrets.token_urlsafe(12)})

    # --- who is there ---

    def presence(self, after=None, wait=0):
        """Who came and went after the cursor `after`, or all that is kept.

        Held for up to `wait` seconds until there is something. There may be
        more when there was any: ask on with the new cursor.
        """
        request = {'wait': int(wait)}
        if after:
            request['after'] = after
        reply = self._post('presence', request, wait)
        return Presence(
            [Event(one['event'], one['from'], one['at'] / 1000, one['seq'])
             for one in reply['events']],
            reply['cursor'], 'gap' in reply or 'reset' in reply,
            reply['poll']['pause'] / 1000)

    def events(self, cursor_file=None, wait=0):
        """Each Event there is; with `wait` in seconds it goes on for ever.

        `cursor_file` remembers where it was, so that the next iterator, in
        another process perhaps, goes on there. It is held locked meanwhile.
        Who stops in the middle gets some of the events again. Event('gap') says
        that some were lost.
        """
        with _Memory(cursor_file) as memory:
            while True:
                told = self.presence(memory.cursor, wait)
                if told.gap:
                    yield Event('gap', '', time.time(), 0)
                yield from told.events
                memory.keep(told.cursor)
                if not told.events and not told.gap:
                    if not wait:
                        return
                    time.sleep(told.pause)

    def verify_hook(self, path, headers, body, now=None):
        """The Event that a post of `letterbox hook` tells, or None.

        `path` as it was asked for, `body` as bytes. None: the signature is not
        of this key, or the date is over 300 seconds off. A post that comes
        again has the `seq` that it had.
        """
        told = {name.lower(): value for name, value in headers.items()}
        date = told.get('x-letterbox-date', '')
        number = told.get('x-letterbox-event', '')
        ours = _hmac(self.key, 'POST\n%s\n%s\n%s\n%s' % (
            path, date, number, hashlib.sha256(body).hexdigest()))
        theirs = told.get('x-letterbox-signature', '')
        if not hmac.compare_digest(ours.encode(), theirs.encode()):
            return None
        if abs((time.time() if now is None else now) - int(date)) > _HOOK_S:
            return None
        return Event(path.rstrip('/').rpartition('/')[2],
                     parse_qs(body.decode())['from'][0], float(date),
                     int(number.rpartition('.')[2]))

    # --- the way there ---

    def _post(self, call, request, wait=0):
        """The reply to a call, after as many tries as it takes."""
        path = '/channel/' + call
        body, headers = self._body(request)
        headers.update(self._headers(path, body))
        # What is lost while it is held has all of the patience left.
        end = time.monotonic() + wait + self.patience
        pause = 0.05
        while True:
            least = 0
            try:
                status, told, text = self._exchange(path, body, headers,
                                                    wait)
            except (OSError, http.client.HTTPException) as failure:
                error = UnavailableError(
                    'Letterbox at %s does not answer: %s' % (
                        self.url, failure or type(failure).__name__),
                    retryable=True)
                error.__cause__ = failure
            else:
                if status in (200, 201, 204):
                    return self._read(status, text)
                error = _error_of(status, text)
                if status not in _TRANSIENT:
                    raise error
                with contextlib.suppress(ValueError):
                    least = int(told.get('Retry-After') or 0)
            pause = max(least, pause * random.uniform(1.3, 2))
            if time.monotonic() + pause > end:
                raise error
            time.sleep(pause)

    def _read(self, status, text):
        try:
            return json.loads(text) if status != 204 else None
        except ValueError:
            raise Error('At %s is something else than Letterbox' % self.url,
                        status) from None

    @staticmethod
    def _body(request):
        # Control characters take six bytes each in JSON, three in a form.
        body = json.dumps(request, ensure_ascii=False,
                          separators=(',', ':')).encode()
        if len(body) <= _JSON_LENGTH:
            return body, {'Content-Type': 'application/json'}
        return urlencode(request).encode(), {
            'Content-Type': 'application/x-www-form-urlencoded'}

    def _headers(self, path, body):
        headers = {}
        if self.key_name:
            # Two requests of one date would be one request, sent again.
            date = '%d.%09d' % (time.time(), secrets.randbelow(10 ** 9))
            headers['X-Letterbox-Key-Name'] = self.key_name
            headers['X-Letterbox-Date'] = date
            headers['X-Letterbox-Signature'] = sign(self.key, path, date, body)
        else:
            # Some hosts take Authorization away, and none takes this.
            headers['X-Letterbox-Key'] = self.key
        return headers

    def _exchange(self, path, body, headers, wait):
        while True:
            line = self._line()
            kept = line.sock is not None
            try:
                if not kept:
                    line.timeout = self.timeout
                    line.connect()
                line.sock.settimeout(self.timeout + wait)
                line.request('POST', self._mount + path, body, headers)
                reply = line.getresponse()
                return reply.status, reply.headers, reply.read()
            except (ConnectionError, http.client.BadStatusLine):
                # One that was kept may have been closed meanwhile.
                line.close()
                if not kept:
                    raise
            except BaseException:
                line.close()
                raise

    def _line(self):
        """This thread's connection, and of this process alone."""
        own = self._own
        if getattr(own, 'pid', None) != os.getpid():
            own.pid = os.getpid()
            own.line = (
                http.client.HTTPSConnection(self._host, self._port,
                                            context=self.tls)
                if self._is_https else
                http.client.HTTPConnection(self._host, self._port))
        return own.line


def _error_of(status, text):
    try:
        problem = json.loads(text)
        detail, title = problem['detail'], problem['title']
    except (ValueError, KeyError, TypeError):
        words = 'Moved, or no Letterbox there' if 300 <= status < 400 or \
            status == 404 else 'The web server refuses'
        return _BY_STATUS.get(status, Error)(
            '%s (%d)' % (words, status), status,
            retryable=status in _TRANSIENT)
    kind = _BY_NAME.get(problem.get('exception')) or \
        _BY_STATUS.get(status, Error)
    return kind('%s: %s' % (title, detail), status, problem.get('code', ''),
                bool(problem.get('retryable')))


class _Memory:
    """A cursor, in a file that is locked, or in no file."""

    def __init__(self, path):
        self.path = path
        self.cursor = None

    def __enter__(self):
        if self.path:
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            if fcntl:
                fcntl.flock(self.file, fcntl.LOCK_EX)
            line = os.read(self.file, 256).partition(b'\n')[0]
            self.cursor = line.decode('ascii', 'replace') or None
        return self

    def keep(self, cursor):
        if self.path and cursor != self.cursor:
            # One write; the first line counts, whatever stood there before.
            os.lseek(self.file, 0, os.SEEK_SET)
            os.write(self.file, cursor.encode() + b'\n')
        self.cursor = cursor

    def __exit__(self, *_):
        if self.path:
            os.close(self.file)


# --- tickets ----------------------------------------------------------------

def mint_ticket(room, peer=None, seconds=3600, may=None, key=None, now=None):
    """A ticket that lets `peer`, or whoever has it, into `room`.

    It is good for joining for `seconds` from `now` (Unix time). `may` lists
    what the peer may do: 'post', 'rules'; all, when left out. `key` is the
    text in the server's ticket_key_file.
    """
    key = key or _secret('LETTERBOX_TICKET_KEY')
    if not key:
        raise ConfigurationError('LETTERBOX_TICKET_KEY is not set')
    claims = {'room': room, 'peer': peer,
              'exp': int(time.time() if now is None else now) + int(seconds),
              'may': may if may is None else list(may)}
    payload = _encode64(json.dumps(
        {name: value for name, value in claims.items() if value is not None},
        ensure_ascii=False, separators=(',', ':')).encode())
    return payload + '.' + _hmac(key.strip(), payload)


def _secret(name):
    """From the environment, or from the file that it names."""
    path = os.environ.get(name + '_FILE')
    if os.environ.get(name) or not path:
        return os.environ.get(name, '').strip()
    try:
        with open(path, encoding='ascii') as file:
            return file.read().strip()
    except (OSError, UnicodeError) as error:
        raise ConfigurationError('%s_FILE: %s' % (name, error)) from error


# --- the names of the original ----------------------------------------------

_default = None


def configure(*args, **options):
    """Makes the Channel of the functions below; arguments as Channel has."""
    global _default
    _default = Channel(*args, **options)
    return _default


def _channel():
    return _default or configure()


def create_channel(client_id, duration_minutes=None):
    """See Channel.create_channel."""
    return _channel().create_channel(client_id, duration_minutes)


def send_message(client_id, message, id=None):
    """See Channel.send_message."""
    _channel().send_message(client_id, message, id)


def presence(after=None, wait=0):
    """See Channel.presence."""
    return _channel().presence(after, wait)


def events(cursor_file=None, wait=0):
    """See Channel.events."""
    return _channel().events(cursor_file, wait)


def verify_hook(path, headers, body, now=None):
    """See Channel.verify_hook."""
    return _channel().verify_hook(path, headers, body, now)

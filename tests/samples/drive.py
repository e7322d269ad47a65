"""Calls channel.py for a test: a call a line comes in, a line goes out.

{"on": null or {arguments of Channel}, "call": "create_channel", "args": [...]}
{"value": ...} or {"error": "InvalidMessageError", "words", "status", "code",
"retryable"}. {"base64": "..."} stands for bytes.
"""
import base64
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ['MODULES'])
import channel  # noqa: E402

made = {}


def given(value):
    if isinstance(value, dict) and 'base64' in value:
        return base64.b64decode(value['base64'])
    return value


def plain(value):
    if hasattr(value, '_asdict'):
        return {name: plain(part) for name, part in value._asdict().items()}
    if hasattr(value, '__iter__') and not isinstance(value, (str, bytes, dict)):
        return [plain(part) for part in value]
    return value


def answer(asked):
    target = channel
    if asked.get('on') is not None:
        which = json.dumps(asked['on'])
        if which not in made:
            made[which] = channel.Channel(**asked['on'])
        target = made[which]
    return plain(getattr(target, asked['call'])(*map(given, asked['args'])))


for line in sys.stdin:
    try:
        reply = {'value': answer(json.loads(line))}
    except channel.Error as error:
        assert isinstance(error, channel.Error)
        reply = {'error': type(error).__name__, 'words': str(error),
                 'status': error.status, 'code': error.code,
                 'retryable': error.retryable}
    print(json.dumps(reply), flush=True)

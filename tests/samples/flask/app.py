"""A room for two: an application of the Channel API, in Flask.

The pages talk to us by POST, and we to them by channel.send_message(). All
that is remembered is who sits in which room, in the file ROOM_STATE. Who has
left is asked at each request, so nothing runs in between.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time

from flask import Flask, abort, redirect, request

import channel

SEATS = 2
COMING = 10  # seconds from joining to the channel's being open, at most
STATE = os.environ.get('ROOM_STATE', 'room.json')

app = Flask(__name__)


@app.get('/')
def door():
    return redirect('/' + secrets.token_urlsafe(12))


@app.get('/<room>')
def page(room):
    return app.send_static_file('room.html')


@app.post('/<room>/join')
def join(room):
    me = name_of(request.json['key'])
    with seats_of(room) as seats:
        if me not in seats and len(seats) >= SEATS:
            return {'error': 'This room is full.'}, 409
        seats[me] = {'open': False, **seats.get(me, {}), 'since': time.time()}
    return {'me': me, 'others': others(seats, me),
            'token': channel.create_channel(client(room, me), 240)}


@app.post('/<room>/say')
def say(room):
    me = name_of(request.json['key'])
    with seats_of(room) as seats:
        has_seat = me in seats
    if not has_seat:
        abort(403)
    tell(room, others(seats, me), {**request.json['message'], 'from': me},
         '%s %s' % (me, request.json['id']))
    return '', 204


@app.errorhandler(channel.Error)
def failed(error):
    return {'error': str(error)}, 503 if error.retryable else 400


def name_of(key):
    """The page keeps the key to itself; the others know its name alone."""
    return hashlib.sha256(str(key).encode()).hexdigest()[:16]


def client(room, member):
    return '%s/%s' % (room, member)


def others(seats, me):
    return [member for member in seats if member != me]


def tell(room, members, message, id=None):
    for member in members:
        channel.send_message(client(room, member), json.dumps(message), id)


# --- who sits where ---

@contextlib.contextmanager
def seats_of(room):
    """{member: {since, open}} of a room, ours alone until we are through."""
    with open(STATE + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with open(STATE) as file:
                state = json.load(file)
        except FileNotFoundError:
            state = {'cursor': None, 'rooms': {}}
        leavers = collect(state)
        yield state['rooms'].setdefault(room, {})
        state['rooms'] = {name: seats for name, seats
                          in state['rooms'].items() if seats}
        with open(STATE + '.new', 'w') as file:
            json.dump(state, file)
        os.replace(STATE + '.new', STATE)
    for where, member in leavers:
        tell(where, state['rooms'].get(where, {}),
             {'type': 'left', 'from': member})


def collect(state):
    """Brings the seats up to date; the (room, member)s that have left."""
    rooms, leavers = state['rooms'], []
    told = channel.presence(state['cursor'])
    while told.events or told.gap:
        if told.gap:  # we know nothing any more
            rooms.clear()
        for event in told.events:
            room, _, member = event.client_id.rpartition('/')
            seats = rooms.setdefault(room, {})
            if event.event == 'connected':
                seats.setdefault(member, {'since': event.at})['open'] = True
            elif member in seats:
                seats[member]['open'] = False
        told = channel.presence(told.cursor)
    state['cursor'] = told.cursor
    # Who has joined a moment ago may be reloading, and comes again.
    for room, seats in rooms.items():
        for member, seat in list(seats.items()):
            if not seat['open'] and seat['since'] < time.time() - COMING:
                del seats[member]
                leavers.append((room, member))
    return leavers

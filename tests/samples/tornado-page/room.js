// The page of a WebSocket room as such pages are: the server's first frame
// says `initiator`, `not initiator` or `fullhouse`, and whatever a page sends
// after that goes to all others in the room.

'use strict';

var line = document.getElementById('status');
var room = new URLSearchParams(location.search).get('room');
var scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
var media = navigator.mediaDevices.getUserMedia({audio: true, video: true});
var socket = new WebSocket(scheme + location.host + '/ws/' + room);
var initiator = false;
var pc = null;

function say(text) {
  line.textContent = text;
}

function send(message) {
  socket.send(JSON.stringify(message));
}

function failed(error) {
  console.log('Not applied: ' + error.message);
}

/** Each call has a connection of its own. */
function connect(stream) {
  if (pc) pc.close();
  var own = pc = new RTCPeerConnection();
  own.onicecandidate = function (event) {
    if (event.candidate) send({type: 'candidate', candidate: event.candidate});
  };
  own.ontrack = function (event) {
    document.getElementById('other').srcObject = event.streams[0];
  };
  own.onconnectionstatechange = function () {
    if (own === pc) say(own.connectionState);
  };
  stream.getTracks().forEach(function (track) {
    own.addTrack(track, stream);
  });
  return own;
}

function call(stream) {
  var own = connect(stream);
  return own.createOffer().then(function (offer) {
    return own.setLocalDescription(offer);
  }).then(function () {
    send(own.localDescription);
  });
}

function answer(stream, offer) {
  var own = connect(stream);
  return own.setRemoteDescription(offer).then(function () {
    return own.createAnswer();
  }).then(function (description) {
    return own.setLocalDescription(description);
  }).then(function () {
    send(own.localDescription);
  });
}

function handle(stream, message) {
  switch (message.type) {
    case 'hello': // the initiator has come, or come back
      if (!initiator) send({type: 'ready'});
      return;
    case 'ready':
      return initiator ? call(stream) : undefined;
    case 'offer':
      return answer(stream, message);
    case 'answer':
      return pc && pc.setRemoteDescription(message);
    case 'candidate':
      return pc && pc.addIceCandidate(message.candidate);
  }
}

// One after the other: a candidate is of no use before its description.
var before = media.then(function (stream) {
  document.getElementById('own').srcObject = stream;
});

function next(message) {
  before = before.then(function () {
    return media;
  }).then(function (stream) {
    return handle(stream, message);
  }).catch(failed);
}

socket.onmessage = function (event) {
  if (event.data === 'fullhouse') {
    say('The room is full');
  } else if (event.data === 'initiator' || event.data === 'not initiator') {
    initiator = event.data === 'initiator';
    say(event.data);
    send({type: initiator ? 'hello' : 'ready'});
  } else {
    next(JSON.parse(event.data));
  }
};

socket.onclose = function (event) {
  if (line.textContent !== 'The room is full') say('Closed: ' + event.code);
};

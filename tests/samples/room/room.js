// A call of two. What the server says comes by the channel; what the page says
// goes by fetch, and the server sends it on.
//
//   POST ROOM/join {key}              {me, others, token}, or 409: it is full
//   POST ROOM/say  {key, id, message} 204; the others hear {...message, from}
//
// Of two, the one with the greater name calls, so both never do. Each offer
// begins a call anew, under a name of its own: what comes late belongs to one
// that is over.

/** STUN and TURN servers, for calls beyond one network. */
const ICE = [];

const here = location.pathname.replace(/\/$/, '');

const $ = (id) => document.getElementById(id);
const status = (words) => { $('status').textContent = words; };

// Who we are is a secret of this tab, which a reload leaves as it is.
const key = sessionStorage.getItem('key') ?? crypto.randomUUID();
sessionStorage.setItem('key', key);

let me = '';
let other = '';
let socket, camera, call, pc;

// --- to the server -----------------------------------------------------------

/** Repeats until there is an answer. */
async function post(path, body) {
  for (let pause = 250; ; pause = Math.min(2 * pause, 4000)) {
    const reply = await fetch(`${here}/${path}`, {
      method: 'POST', body: JSON.stringify({ key, ...body }),
      headers: { 'Content-Type': 'application/json' },
    }).catch(() => undefined);
    if (reply && reply.status < 500) return reply;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

let saying = Promise.resolve();

/** One after the other. The id makes a repeat the same message. */
function say(message) {
  const id = crypto.randomUUID();
  saying = saying.then(async () => {
    // Our seat was given up: we were away for too long.
    if ((await post('say', { id, message })).status === 403) join();
  });
}

/** Comes in, as often as need be; then the call begins. */
async function join() {
  const reply = await post('join', {});
  if (!reply.ok) return status((await reply.json()).error);
  const { me: name, others, token } = await reply.json();
  me = name;
  if (socket?.readyState !== goog.appengine.Socket.ReadyState.OPEN)
    listen(token);
  if (!others.length) return status('Waiting for the other one.');
  [other] = others;
  if (me > other) offer();
  else say({ type: 'hello' });
}

// --- from the server ---------------------------------------------------------

function listen(token) {
  let hearing = Promise.resolve();
  const own = socket = new goog.appengine.Channel(token).open({
    onmessage({ data }) {
      hearing = hearing.then(() => hear(JSON.parse(data)))
        .catch((error) => console.error(error));
    },
    onerror({ code, description }) {
      if (own !== socket) return;
      socket = undefined;
      if (code === 409) status('This call goes on in another window.');
      else if (description === 'Token+timed+out.') join();
      else status(`The channel failed: ${description}`);
    },
  });
}

async function hear(message) {
  switch (message.type) {
    case 'hello':
      other = message.from;
      if (me > other) await offer();
      break;
    case 'offer':
      other = message.from;
      await answer(begin(message.call), message.description);
      break;
    case 'answer':
      if (message.call === call)
        await pc.setRemoteDescription(message.description);
      break;
    case 'candidate':
      if (message.call === call) await pc.addIceCandidate(message.candidate);
      break;
    case 'left':
      // Who comes just after somebody has left is told of that one, too.
      if (message.from !== other) return;
      end();
      status('The other one has left.');
  }
}

// --- the call ----------------------------------------------------------------

function end() {
  pc?.close();
  call = pc = undefined;
  $('theirs').srcObject = null;
}

function begin(name) {
  end();
  call = name;
  const own = pc = new RTCPeerConnection({ iceServers: ICE });
  for (const track of camera.getTracks()) pc.addTrack(track, camera);
  pc.ontrack = ({ streams: [stream] }) => { $('theirs').srcObject = stream; };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate && own === pc) say({ type: 'candidate', call, candidate });
  };
  pc.onconnectionstatechange = () => {
    if (own !== pc) return;
    if (own.connectionState === 'connected') status('You are connected.');
    // The server looks who is still there.
    if (own.connectionState === 'failed') join();
  };
  status('Connecting…');
  return own;
}

async function offer() {
  const own = begin(crypto.randomUUID());
  await own.setLocalDescription();
  if (own === pc)
    say({ type: 'offer', call, description: own.localDescription });
}

async function answer(own, description) {
  await own.setRemoteDescription(description);
  await own.setLocalDescription();
  if (own === pc)
    say({ type: 'answer', call, description: own.localDescription });
}

// --- begin -------------------------------------------------------------------

$('address').href = $('address').textContent = location.href;
try {
  camera = await navigator.mediaDevices.getUserMedia(
    { video: true, audio: true });
  $('mine').srcObject = camera;
  await join();
} catch (error) {
  status(`This page needs a camera and a microphone: ${error.message}`);
}

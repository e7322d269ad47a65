/**
 * What happens, in words, with the cure where there is one.
 */

/** @typedef {import('../forms.js').Message} Message */

/** @type {Record<string, string>} by code */
const ERRORS = {
  'secret': 'This room has a secret, and this address lacks it or has ' +
    'another one. Ask for the whole invitation and open that.',
  'locked': 'The room is locked. Ask those inside to unlock it, then try ' +
    'again.',
  'room-full': 'The room is full. Try again when somebody has left.',
  'removed': 'You were removed from this room.',
  'ended': 'This room was ended. Start another one.',
  'ticket': 'This server lets in only those who come from its application.',
  'origin': 'This server does not serve pages of this site. Its owner can ' +
    'allow it by allowed_origins.',
  'superseded': 'You are in this room in another tab or window.',
  'network': 'The server cannot be reached. Check the network, then try again.',
  'timeout': 'The server did not answer. Check the network, then try again.',
  'too-fast': 'That was too often in a short time. Wait a minute, then try ' +
    'again.',
};

/** @param {any} error */
export function wordsOfError(error) {
  return ERRORS[error?.code] ?? error?.message ?? 'Something went wrong.';
}

/** @type {Record<string, string>} by name of the DOMException */
const MEDIA = {
  insecure: 'Browsers give camera and microphone only to pages that come by ' +
    'https or from this computer itself. You can watch, listen and chat.',
  NotAllowedError: 'Camera and microphone were refused. You can watch, ' +
    'listen and chat. To be seen and heard, allow them in the address bar ' +
    'and press Camera or Microphone.',
  NotFoundError: 'This computer has no camera and no microphone. You can ' +
    'watch, listen and chat.',
  NotReadableError: 'Another program uses the camera or the microphone. You ' +
    'can watch, listen and chat. Close that program, then press Camera or ' +
    'Microphone.',
};

/**
 * @param {string} reason
 * @param {'audio' | 'video'} [kind] the one that was asked for; else both
 */
export function wordsOfMedia(reason, kind) {
  if (kind === 'audio') return wordsOfOne(reason, 'microphone');
  if (kind === 'video') return wordsOfOne(reason, 'camera');
  return MEDIA[reason] ?? `Camera and microphone do not work (${reason}). ` +
    'You can watch, listen and chat.';
}

/**
 * The other one may be there.
 * @param {string} reason
 * @param {string} what
 */
function wordsOfOne(reason, what) {
  const button = `then press ${what === 'camera' ? 'Camera' : 'Microphone'}.`;
  switch (reason) {
    case 'NotFoundError': return `This computer has no ${what}.`;
    case 'NotAllowedError': return `The ${what} was refused. Allow it in the ` +
      `address bar, ${button}`;
    case 'NotReadableError': return `Another program uses the ${what}. Close ` +
      `that program, ${button}`;
    default: return `The ${what} does not work (${reason}).`;
  }
}

/** @param {string[]} names */
export function list(names) {
  return new Intl.ListFormat('en').format(names);
}

/**
 * @param {import('../peer.js').State} state
 * @param {string} who one or several
 * @param {boolean} near no server is named that helps between networks
 */
export function wordsOfState(state, who, near) {
  switch (state) {
    case 'waiting': return `Waiting for ${who} to get ready …`;
    case 'connecting': return `Connecting to ${who} …`;
    case 'connected': return `Connected with ${who}.`;
    case 'interrupted':
      return `The connection to ${who} is interrupted. Restoring it …`;
    case 'failed': return near
      ? `No way to ${who} was found. In different networks you need a server ` +
        'that helps: you can name one below.'
      : `No way to ${who} was found so far. Trying again …`;
    case 'closed': return `${who} has left.`;
  }
}

/** @type {Record<string, string>} by the reason in `left` */
const REASONS = {
  leave: 'has left',
  lease: 'is gone: the page was closed or is out of reach',
  removed: 'was removed from the room',
};

/** @param {string} reason */
export function wordsOfLeft(reason) {
  return REASONS[reason] ?? 'has left';
}

/**
 * One signaling message in words.
 * @param {Message} message
 * @returns {string}
 */
export function wordsOfMessage({type, body}) {
  switch (type) {
    case 'joined': return 'came into the room';
    case 'left': return wordsOfLeft(body?.reason);
    case 'description': return wordsOfDescription(body ?? {});
    case 'candidate': return wordsOfCandidate(body);
    case 'bye': return 'hangs up';
    case 'room-rules': return 'changes the rules of the room';
    case 'room-knock': return 'asks to come in';
    case 'room-full': return 'has no place left for somebody';
    case 'room-ended': return 'ends the room';
    default: return `says “${type}”`;
  }
}

/** @param {{type?: string, sdp?: string, re?: number}} description */
function wordsOfDescription({type, sdp = '', re}) {
  const kinds = {audio: 'sound', video: 'picture', application: 'chat'};
  const lines = String(sdp).split('\n');
  const offered = Object.entries(kinds).flatMap(([kind, word]) =>
    lines.some((line) => line.startsWith(`m=${kind} `)) ? [word] : []);
  const what = offered.join(', ') || 'nothing';
  return type === 'offer' ? `offers ${what}`
    : `answers${re ? ` message ${re}` : ''}: ${what}`;
}

/** @param {RTCIceCandidateInit | null} init */
function wordsOfCandidate(init) {
  if (!init?.candidate) return 'knows no further ways';
  const [, , protocol = '', , , , , type = ''] = init.candidate.split(' ');
  const ways = {
    host: 'within the network',
    srflx: 'as seen from outside (STUN)',
    prflx: 'as seen by the other side',
    relay: 'through a relay (TURN)',
  };
  const way = ways[/** @type {keyof typeof ways} */ (type)] ?? type;
  return `can be reached ${way}, by ${protocol.toUpperCase()}`;
}

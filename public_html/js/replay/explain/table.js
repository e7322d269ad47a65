/** Made of schema/explain.json by schema/explain.py: change that, not this.
 * @type {import('./words.js').Rule[]} */
export const RULES = [
 {
  "id": "too-large",
  "severity": "failed",
  "title": "A message was too large",
  "words": {
   "told": "{a} said in {seq} that a message of its own was refused: it was too large.",
   "near": "The offer of {a} in {seq} has {count} bytes and was never answered: an answer as long as that is near the limit of a message, 65,536 bytes."
  },
  "cure": "Offer fewer tracks and codecs (setCodecPreferences, RTCRtpTransceiver.stop), and keep files and pictures out of the room: they belong into the data channel.",
  "source": "RFC 9110, section 15.5.14",
  "codes": [
   "too-large"
  ]
 },
 {
  "id": "room-full",
  "severity": "failed",
  "title": "The room was full",
  "words": {
   "told": "{a} said in {seq} that somebody could not come in: the room was full.",
   "refused": "Somebody wanted to come in at {seq}, by the latest, and was refused: the room of {a} was full."
  },
  "cure": "Raise the capacity of the room (by its owner) or of all (peers_max in letterbox.conf), or let somebody leave. A page that is gone frees its place when its lease ends.",
  "source": "RFC 9110, section 15.5.10",
  "codes": [
   "room-full"
  ],
  "types": [
   "room-full"
  ]
 },
 {
  "id": "poll-gap",
  "severity": "failed",
  "title": "Messages were lost before they were read",
  "words": {
   "told": "{a} said in {seq} that messages were dropped before it had read them. An offer or an answer may be among them."
  },
  "cure": "Begin the call anew after `gap` or `reset` (Call of call.js does). Poll without long pauses, and keep what is much and not for everybody out of the room, for its bounds drop the oldest first.",
  "source": "Letterbox API, GET /rooms/{room}/messages",
  "codes": [
   "gap",
   "reset"
  ]
 },
 {
  "id": "mailbox-full",
  "severity": "failed",
  "title": "A mailbox was full",
  "words": {
   "told": "{a} said in {seq} that its message was refused: too much mail waits for the one it was for."
  },
  "cure": "The other page does not poll, or far too seldom: see whether it is in front, asleep or offline. Post less meanwhile.",
  "source": "Letterbox API, POST /rooms/{room}/messages",
  "codes": [
   "mailbox-full"
  ]
 },
 {
  "id": "duplicate-peer",
  "severity": "failed",
  "title": "One peer in two pages",
  "words": {
   "told": "{a} said in {seq} that somebody else uses its id.",
   "turns": "Two connections speak as {a} by turns: {seq} is of one that another had replaced before. Two pages have the same id.",
   "twice": "{a} answered one offer from two connections, the second time in {seq}. Two pages have the same id."
  },
  "cure": "Give each page a key of its own. A tab that was duplicated takes its sessionStorage along: the client of Letterbox notices that, a client of your own has to as well.",
  "source": "Letterbox API, POST /rooms/{room}/peers",
  "codes": [
   "superseded",
   "peer-taken",
   "n-reused"
  ]
 },
 {
  "id": "unreadable",
  "severity": "failed",
  "title": "A message cannot be read",
  "words": {
   "description": "What {a} sent in {seq} is no session description.",
   "candidate": "What {a} sent in {seq} is no candidate.",
   "empty": "The {detail} of {a} in {seq} has no m-line: there is nothing to connect."
  },
  "cure": "Send what the browser gives: localDescription.toJSON() and candidate.toJSON(), unchanged. Add a track or a data channel before createOffer().",
  "source": "RFC 8866, section 5; RFC 8839, section 5.1"
 },
 {
  "id": "m-line-mismatch",
  "severity": "failed",
  "title": "The m-lines do not match",
  "words": {
   "count": "The offer of {b} has {n} m-lines, the answer of {a} in {seq} has {count}.",
   "order": "M-line {n} is {detail} in the offer of {b}, and something else in the answer of {a} in {seq}.",
   "fewer": "{a} had {n} m-lines before and offers {count} in {seq}: lines of a connection can be refused, but never taken away.",
   "moved": "M-line {n} was {detail} before and is something else in what {a} sent in {seq}: lines of a connection keep their places."
  },
  "cure": "Answer with createAnswer() of the connection that took the offer, and do not edit the lines. Do not mix descriptions of several connections: one offer, one answer, one RTCPeerConnection on each side.",
  "source": "RFC 3264, sections 6 and 8; RFC 9429, section 5.3.1"
 },
 {
  "id": "no-codec",
  "severity": "failed",
  "title": "No codec in common",
  "words": {
   "none": "For {detail} {b} offers no codec that {a} names in {seq}.",
   "refused": "{a} refuses {detail} in {seq}: mostly because it has none of the codecs that are offered."
  },
  "cure": "Offer one that every browser has: VP8 or H.264 constrained baseline for video, Opus for audio. Look at what takes codecs away: setCodecPreferences, edited descriptions, a browser without H.264.",
  "source": "RFC 3264, section 6.1; RFC 7742, section 5; RFC 7874, section 3"
 },
 {
  "id": "dtls-role",
  "severity": "failed",
  "title": "Nobody begins the encryption, or both do",
  "words": {
   "same": "{b} offers the role {detail}, and {a} answers with the same in {seq}: one has to be active and one passive.",
   "actpass": "{a} answers {detail} in {seq}: an answer has to say active or passive.",
   "absent": "{a} names no role in {seq}.",
   "fingerprint": "{a} names no fingerprint of its certificate in {seq}: browsers refuse to connect.",
   "turned": "{a} takes the other role ({detail}) in {seq} on a connection that is encrypted already."
  },
  "cure": "Offer a=setup:actpass and answer a=setup:active. Do not edit the line, and do not send an offer as if it were an answer.",
  "source": "RFC 8842, section 5; RFC 5763, section 5"
 },
 {
  "id": "glare",
  "severity": "failed",
  "title": "Both called at once, and neither call went on",
  "words": {
   "open": "{a} and {b} offered at the same time, in {seq} and {other}, and neither answered: each waits for the other.",
   "crossed": "{a} and {b} offered at the same time, in {seq} and {other}, and both gave way: two answers met, and nobody waited for them."
  },
  "cure": "Use perfect negotiation: one side is polite and takes its own offer back, the other ignores the offer it meets. Decide it by something both know, such as the order of the ids.",
  "source": "W3C WebRTC, section 10.7; RFC 9429, section 4.1.10"
 },
 {
  "id": "stale-answer",
  "severity": "failed",
  "title": "The answer fits to no offer",
  "words": {
   "gone": "The answer of {a} in {seq} is for a connection of {b} that was gone by then, and the newer offer got none.",
   "late": "The answer of {a} in {seq} is to the offer {other}, and {b} had made a newer one by then.",
   "unasked": "The answer of {a} in {seq} is to no offer that waits for one."
  },
  "cure": "Name in each answer the offer (`re`) and the connection (`session`, `for`) it is for, drop what is for another, and offer again after a reload.",
  "source": "RFC 3264, section 4; RFC 9429, section 4.1.10"
 },
 {
  "id": "candidate-early",
  "severity": "failed",
  "title": "Candidates came before their description",
  "words": {
   "early": "{a} sent {count} candidates before the description that they belong to, the first in {seq}. addIceCandidate() fails without a remote description, so they are lost."
  },
  "cure": "Post the description first, then what onicecandidate gives. Who receives keeps candidates until setRemoteDescription() has resolved.",
  "source": "W3C WebRTC, section 4.4.2; RFC 8838, section 8"
 },
 {
  "id": "peer-vanished",
  "severity": "failed",
  "title": "A peer vanished in the middle",
  "words": {
   "asked": "{a} vanished before it answered the offer {other}: its lease ended at {seq}.",
   "asking": "{a} vanished after its offer {other}, before it could read the answer: its lease ended at {seq}.",
   "bare": "{a} vanished before it had sent a candidate: its lease ended at {seq}."
  },
  "cure": "Its page was closed or killed, its computer slept, or its network was gone for longer than the lease. On phones keep the page in front during a call. Offer again when it is told as joined.",
  "source": "Letterbox API, type left"
 },
 {
  "id": "nobody-there",
  "severity": "failed",
  "title": "The one who is called is not there",
  "words": {
   "absent": "{a} offered in {seq} to {b}, who is not in the room.",
   "alone": "{a} offered in {seq} to everybody, and nobody else was in the room."
  },
  "cure": "Offer when the other one is told as joined, or is among the peers when you join. What is said to everybody reaches only those who are there.",
  "source": "Letterbox API, POST /rooms/{room}/peers"
 },
 {
  "id": "answer-missing",
  "severity": "failed",
  "title": "The answer never came",
  "words": {
   "missing": "{a} offered in {seq}, and {b} did not answer, although it was in the room."
  },
  "cure": "Look at the other page: whether it listens for messages of type description, whether setRemoteDescription() throws, whether it waits for a camera or for somebody to accept.",
  "source": "RFC 3264, section 4; W3C WebRTC, section 4.4.1.5"
 },
 {
  "id": "no-candidates",
  "severity": "failed",
  "title": "One side named no candidate",
  "words": {
   "none": "{a} sent no candidate with or after its description in {seq}: nobody can find a way to it."
  },
  "cure": "Post each candidate that onicecandidate gives. None at all: the browser found no network, a policy forbids UDP (WebRtcUdpPortRange, iceTransportPolicy relay without TURN), or the event was bound too late.",
  "source": "RFC 8838, section 9; RFC 8835, section 3.4"
 },
 {
  "id": "only-mdns",
  "severity": "failed",
  "title": "Only hidden addresses",
  "words": {
   "mdns": "All candidates of {a} hide behind names that end in .local, and the connection did not stand: they tried from {seq} on, and still at {other}. Such names are found in the same local network alone, and not in each."
  },
  "cure": "Give a STUN and a TURN server (ice and turn in letterbox.conf). A page that has been allowed to use the camera or microphone names its addresses.",
  "source": "RFC 8828, section 5.2; draft-ietf-mmusic-mdns-ice-candidates, section 3"
 },
 {
  "id": "no-relay",
  "severity": "failed",
  "title": "No way, and no relay",
  "words": {
   "none": "{a} and {b} found no way to each other: they tried from {seq} on, and still at {other}. Neither named a relay, so there is no TURN server, or it did not answer."
  },
  "cure": "Run a TURN server and name it (turn and turn_secret_file in letterbox.conf). With one named already, look at its ports, its clock and its secret: GET /ice, and /doctor in the browser.",
  "source": "RFC 8656, section 2; RFC 8445, section 2"
 },
 {
  "id": "restart-loop",
  "severity": "failed",
  "title": "ICE begins again and again",
  "words": {
   "loop": "{a} and {b} began {count} times anew within short time, the last at {seq}, and it did not last."
  },
  "cure": "Restart when the connection has failed, once, with a pause that grows, and from one side at a time. Look for what cuts it: a firewall that lets the first packets pass, a relay that refuses, two networks by turns.",
  "source": "RFC 8445, section 2.4; RFC 8839, section 4.4.1.1.1; W3C WebRTC, section 4.4.2"
 },
 {
  "id": "connection-failed",
  "severity": "failed",
  "title": "No connection, says one of them",
  "words": {
   "told": "{a} said in {seq} that the connection failed, although all was negotiated as it should be."
  },
  "cure": "What was said is well; the way is not. Try with a TURN server, and look at the firewalls between the two.",
  "source": "RFC 8445, section 8.2; W3C WebRTC, section 4.3.3",
  "codes": [
   "connection-failed",
   "ice-failed"
  ]
 },
 {
  "id": "no-media",
  "severity": "failed",
  "title": "No camera or microphone",
  "words": {
   "told": "{a} said in {seq} that it could not use its camera or microphone."
  },
  "cure": "Close what else uses them, allow them for this page, and serve the page by HTTPS.",
  "source": "W3C Media Capture and Streams, section 10.2",
  "codes": [
   "no-camera",
   "no-microphone",
   "no-media"
  ]
 },
 {
  "id": "clock-jump",
  "severity": "odd",
  "title": "The clock of the server was set back",
  "words": {
   "back": "Message {seq} is {time} older than {other}, which came before it. The times of this log cannot be trusted; the order can."
  },
  "cure": "Let the server's clock be kept by NTP, which turns it slowly. Credentials of TURN and tickets depend on it.",
  "source": "RFC 5905, section 11.3"
 },
 {
  "id": "slow-answer",
  "severity": "slow",
  "title": "The answer took long",
  "words": {
   "answer": "{a} took {time} to answer the offer {other}, in {seq}.",
   "candidates": "A candidate of {a} came {time} after the description it belongs to, in {seq}."
  },
  "cure": "Somebody may have had to accept the call. Else: a page in the background is slowed down; a STUN or TURN server that does not answer delays candidates; a queue of posts delays all of them. Send candidates as they are found (trickle ICE).",
  "source": "RFC 8838, section 1; RFC 8445, section 5.1.1"
 }
];

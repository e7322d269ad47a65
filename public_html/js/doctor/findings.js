/**
 * What the browser may find, in words and with cures: the same table as the
 * program has for its own checks.
 */

/** @typedef {import('./program.js').Finding} Finding */
/** @typedef {import('./program.js').Outcome} Outcome */

/** @type {Record<string, string>} */
const TITLES = {
  'https': 'A safe connection',
  'round-trip': 'How long a request takes',
  'browser-clock': 'Its clock and yours',
  'reach': 'Files that nobody may have',
  'streams': 'Streams',
  'held-polls': 'Polls that are held',
};

/** @type {Record<string, [Outcome, string, string?]>} */
const FINDINGS = {
  'https secure': ['ok', 'This page came by https: browsers give it camera ' +
    'and microphone.'],
  'https local': ['ok', 'This page is of this machine itself: browsers give ' +
    'it camera and microphone. Others need https.'],
  'https open': ['bad', 'This page came by http: browsers give it neither ' +
    'camera nor microphone.',
  'Switch on https at your host (it may be called SSL or Let\'s Encrypt), ' +
    'then open the page by https://.'],

  'round-trip quick': ['ok', 'A request and its answer take {0} ms.'],
  'round-trip slow': ['note', 'A request and its answer take {0} ms.',
    'If the network is not the reason: with FastCGI the program is not ' +
    'started for each request (letterbox.fcgi instead of letterbox.cgi).'],
  'round-trip none': ['bad', 'The program did not answer: {0}',
    'Look into the error log of the web server.'],

  'browser-clock same': ['ok', 'They agree within {0} s.'],
  'browser-clock differs': ['warning', 'They are {0} s apart.',
    'Set the one that is wrong by the network (NTP): what expires does so ' +
    'by the clock of the server.'],

  'reach closed': ['ok', 'At {0} addresses where they might be found there ' +
    'is none.'],
  'reach open': ['bad', 'Everybody can download {0}.',
    'Set data_dir in letterbox.conf to a folder outside of the one that the ' +
    'web server shows, move the files there, and delete these.'],
  'reach conf': ['warning', 'Everybody can read {0}.',
    'Have the web server refuse it: the .htaccess that comes with Letterbox ' +
    'does.'],

  'streams live': ['ok', 'What the program writes arrives at once ({0} ms), ' +
    'so messages come as a stream.'],
  'streams held': ['note', 'What the program writes is held back until its ' +
    'end, so messages come by long polls. Nothing is lost by that.',
  'lighttpd: server.stream-response-body = 1. Apache: flushpackets=on ' +
    '(proxy), FcgidOutputBufferSize 0 (mod_fcgid).'],
  'streams untried': ['note', 'It could not be tried: {0}'],

  'held-polls whole': ['ok', 'A poll lived for {0} s, as long as it should.'],
  'held-polls cut': ['warning', 'A poll that was to live for {0} s was cut ' +
    '({2}); one of {1} s lived.',
  'Raise the time-outs of the web server, and of any proxy before it, above ' +
    '{0} s; or set hold in letterbox.conf to {1}.'],
  'held-polls short': ['bad', 'A poll that was to live for {0} s was cut ' +
    '({1}), and so were all shorter ones.',
  'The error log of the web server tells more; until then set seats, ' +
    'seats_threads and seats_processes in letterbox.conf to 0.'],
  'held-polls unheld': ['note', 'All open polls that there may be are in ' +
    'use, so none could be held for this.',
  'Ask again when fewer people are in calls.'],
  'held-polls stopped': ['note', 'You stopped it; until then a poll lived ' +
    'for {0} s.'],
  'held-polls untried': ['note', 'It could not be tried: {0}'],
};

/**
 * @param {string} check
 * @param {string} what it found
 * @param {...(string | number)} values
 * @returns {Finding}
 */
export function finding(check, what, ...values) {
  const [outcome, words, cure] = FINDINGS[`${check} ${what}`];
  /** @param {string} text */
  const fill = (text) => text.replace(/\{(\d)\}/g,
    (_, at) => String(values[Number(at)] ?? ''));
  return {check, family: 'browser', title: TITLES[check], outcome,
    words: fill(words), ...(cure && {cure: fill(cure)})};
}

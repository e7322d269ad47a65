/**
 * What goes over the wire, as types: this file holds nothing else.
 */

/**
 * @typedef {object} Message
 * @property {number} seq
 * @property {string} from
 * @property {string} [to]
 * @property {string} type
 * @property {any} body
 * @property {number} at milliseconds of Unix time
 */

/**
 * @typedef {object} Member
 * @property {string} peer
 * @property {string} [name]
 * @property {any} [info]
 * @property {number} since milliseconds of Unix time
 */

/**
 * @typedef {object} Mail what a poll brings
 * @property {Message[]} messages
 * @property {string} cursor
 * @property {boolean} [gap]
 * @property {boolean} [reset]
 * @property {Pace} [poll] how to go on, at its end
 */

/**
 * @typedef {object} Pace of polls
 * @property {number} wait seconds that the next one may be held
 * @property {number} pause milliseconds before it
 */

/**
 * @typedef {object} Entry what only joining tells
 * @property {string} peer
 * @property {string} token
 * @property {number} n
 * @property {Member[]} peers the others
 * @property {string} [owner]
 * @property {RTCIceServer[]} [ice]
 * @property {number} lease seconds
 * @property {boolean} [history_gap]
 * @property {{body: number, message: number, messages: number}} limits
 * @property {string} [posts] path of another place for all but polls
 */

/**
 * @typedef {object} Rules what the owner of a room may say
 * @property {boolean} [lock] who comes must be admitted
 * @property {number} [capacity] peers
 * @property {string} [admit] id of one who knocked
 * @property {string} [remove] id of one who shall go
 * @property {boolean} [end] the room, for everybody
 */

export {};

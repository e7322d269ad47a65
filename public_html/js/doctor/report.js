/**
 * The findings of both sides as one report, for people and for programs.
 */

/** @typedef {import('./program.js').Report} Report */
/** @typedef {import('./program.js').Finding} Finding */
/** @typedef {import('./program.js').Outcome} Outcome */

/** The worst first. @type {Outcome[]} */
const OUTCOMES = ['bad', 'warning', 'note', 'ok'];

/** @type {Record<string, string>} */
export const FAMILIES = {
  program: 'The program', data: 'The data folder', database: 'The database',
  machine: 'The machine', server: 'The web server',
  browser: 'From your browser',
};

/** What is not wrong needs no cure. @param {Outcome} outcome */
export function labelOf(outcome) {
  return outcome === 'note' ? 'Advice' : 'Cure';
}

/**
 * @param {Report} report of the program
 * @param {Finding[]} findings of the browser
 * @returns {Report}
 */
export function whole(report, findings) {
  const checks = [...report.checks, ...findings];
  const outcome = OUTCOMES.find((each) =>
    checks.some((check) => check.outcome === each)) ?? 'ok';
  return {...report, outcome, checks};
}

/** @param {Report} report */
export function asJson(report) {
  return JSON.stringify(report, null, 2) + '\n';
}

/** @param {Report} report */
export function asText({letterbox, sqlite, at, checks}) {
  const lines = [`Letterbox ${letterbox} with SQLite ${sqlite}, ` +
    new Date(at).toISOString()];
  for (const [family, title] of Object.entries(FAMILIES)) {
    const own = checks.filter((check) => check.family === family);
    if (own.length) lines.push('', title);
    for (const {outcome, title, words, cure} of own) {
      lines.push(`  ${outcome.padEnd(8)} ${title}: ${words}`);
      if (cure) lines.push(`           ${labelOf(outcome)}: ${cure}`);
    }
  }
  return lines.join('\n') + '\n';
}

/** "2 bad, 1 warning, 3 notes, 20 well" @param {Finding[]} checks */
export function tally(checks) {
  const names = {bad: ['bad', 'bad'], warning: ['warning', 'warnings'],
    note: ['note', 'notes'], ok: ['well', 'well']};
  return OUTCOMES.map((outcome) => {
    const count = checks.filter((check) => check.outcome === outcome).length;
    return count && `${count} ${names[outcome][count === 1 ? 0 : 1]}`;
  }).filter(Boolean).join(', ');
}

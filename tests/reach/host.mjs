// A shared host in a scratch folder: one account with a home and a
// public_html, and a web server that runs its programs as that account.
//
// The account is one of a user list that only the web server sees (a mount
// namespace), so that the machine needs none. With suEXEC it is as on most
// hosts: Apache is somebody else, the environment is scrubbed, and a file
// that others may write, or a link, is not run. Where that cannot be, because
// we are not root, the whole server is the account.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync,
  readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { scratch, start } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';
import { freePort } from '../http/port.mjs';
import { ROOT } from '../setup/make_run.mjs';

const root = process.getuid?.() === 0;
const UID = root ? 54321 : process.getuid?.() ?? 0;
const GID = root ? 54321 : process.getgid?.() ?? 0;
const SUEXEC = '/usr/lib/apache2/suexec-custom';
const MODULES = '/usr/lib/apache2/modules';

/** A program and its words, in a namespace where files lie over others.
 * @param {[string, string][]} over what lies where
 * @param {boolean} drop to the account @param {string[]} words */
function namespace(over, drop, words) {
  const mounts = over.map((_, i) =>
    `mount --bind "$${2 * i + 1}" "$${2 * i + 2}" && `).join('');
  const become = !root ? 'setpriv --ambient-caps=-all --inh-caps=-all '
    : drop ? `setpriv --reuid ${UID} --regid ${GID} --clear-groups ` : '';
  return ['unshare', ...root ? [] : ['-U', '--map-current-user', '--keep-caps'],
    '-m', 'sh', '-c', `${mounts}shift ${2 * over.length}; exec ${become}"$@"`,
    'sh', ...over.flat(), ...words];
}

/** Why there can be no such host here, or false. */
export const lacks = (() => {
  const [program, ...words] = namespace([['/etc/passwd', '/etc/passwd']],
    false, ['true']);
  return spawnSync(program, words).status === 0 ? false
    : 'no mount namespaces on this machine';
})();

/** The archive that `make dist` left, or leaves now. */
export function archive() {
  const build = join(ROOT, 'build');
  const found = () => existsSync(build) && readdirSync(build)
    .find((name) => /^letterbox-.*\.tar\.gz$/.test(name));
  if (!found()) execFileSync('make', ['-s', 'dist'], { cwd: ROOT });
  return join(build, found() || '');
}

/**
 * @typedef {object} Kind
 * @property {string[]} [modules] that run programs: cgid, fcgid
 * @property {boolean} [pathInfo] false: AcceptPathInfo Off
 * @property {string} [override] AllowOverride
 * @property {string} [options] of public_html, where it may not say so
 * @property {boolean} [suexec] false: the whole server is the account
 * @property {boolean} [bin] only public_html/cgi-bin has programs, and no
 *   file of the account changes that
 * @property {boolean} [lighttpd] with mod_cgi, instead of Apache
 */

export class Host {
  dir = scratch();
  home = join(this.dir, 'home/ada');
  www = join(this.home, 'public_html');
  #run = join(this.dir, 'run');
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #server;
  base = '';

  /** @param {Kind} kind */
  constructor(kind) {
    this.kind = kind;
    this.suexec = root && kind.suexec !== false && !kind.lighttpd &&
      existsSync(SUEXEC);
    for (const path of [this.www, this.#run, join(this.#run, 'logs')])
      mkdirSync(path, { recursive: true });
    for (const path of [this.dir, join(this.dir, 'home')])
      chmodSync(path, 0o755);
    for (const path of [this.home, this.www]) this.give(path, 0o755);
    chmodSync(this.home, 0o711);
    if (!this.suexec) this.give(join(this.#run, 'logs'), 0o755);
    this.#list('passwd', UID, `ada:x:${UID}:${GID}::${this.home}:/bin/sh`);
    this.#list('group', GID, `ada:x:${GID}:`);
    writeFileSync(join(this.#run, 'suexec'), `${this.dir}/home\nno/such\n`);
  }

  /** The machine's list with a row of ours. @param {string} name
   * @param {number} id @param {string} row */
  #list(name, id, row) {
    const others = readFileSync(join('/etc', name), 'utf8').trim().split('\n')
      .filter((line) => line.split(':')[2] !== String(id));
    writeFileSync(join(this.#run, name), [...others, row, ''].join('\n'));
  }

  /** As an upload leaves it. @param {string} path @param {number} mode */
  give(path, mode) {
    chmodSync(path, mode);
    if (root) chownSync(path, UID, GID);
  }

  /** Runs something as the account. @param {string[]} words */
  as(words) {
    const [program, ...rest] = root
      ? ['setpriv', '--reuid', String(UID), '--regid', String(GID),
        '--clear-groups', ...words] : words;
    return execFileSync(program, rest, { cwd: this.home }).toString();
  }

  /** Unpacks the archive, as the account, into public_html. */
  unpack() {
    const copy = join(this.home, 'letterbox.tar.gz');
    cpSync(archive(), copy);
    this.give(copy, 0o644);
    this.as(['tar', '-xzf', copy, '-C', this.www]);
  }

  /** Uploads the program alone. @param {string} name below public_html */
  upload(name) {
    const place = join(this.www, name);
    this.unpack();
    this.as(['mkdir', '-p', dirname(place)]);
    this.as(['mv', join(this.www, 'letterbox/letterbox.cgi'), place]);
    this.as(['rm', '-r', join(this.www, 'letterbox')]);
  }

  /** @param {number} port */
  #apache(port) {
    const { modules = ['fcgid', 'cgid'], pathInfo = true,
      bin = false, options = '', override = bin ? 'None'
        : 'FileInfo Options AuthConfig Indexes' } = this.kind;
    const load = ['mpm_event', 'authz_core', 'dir', 'mime', 'alias', 'headers',
      'setenvif', ...modules, ...this.suexec ? ['suexec'] : []]
      .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
    return `ServerRoot "${this.#run}"
DefaultRuntimeDir "${this.#run}/logs"
PidFile "${this.#run}/logs/apache.pid"
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
${load.join('\n')}
User www-data
Group www-data
ErrorLog "${this.#run}/logs/apache.log"
LogLevel warn
TypesConfig /etc/mime.types
DocumentRoot "${this.www}"
${this.suexec ? `SuexecUserGroup ada ada` : ''}
<IfModule mod_cgid.c>
	ScriptSock "${this.#run}/logs/cgid.sock"
</IfModule>
<IfModule mod_fcgid.c>
	FcgidIPCDir "${this.#run}/logs/fcgid"
	FcgidProcessTableFile "${this.#run}/logs/fcgid.table"
	FcgidMaxProcesses 20
</IfModule>
<Directory />
	AllowOverride None
	Require all denied
</Directory>
<Directory "${this.www}">
	AllowOverride ${override}
	Options SymLinksIfOwnerMatch ${options}
	AcceptPathInfo ${pathInfo ? 'Default' : 'Off'}
	Require all granted
	# As some hosts do.
	AddHandler cgi-script .py
</Directory>
${bin ? `ScriptAlias "/cgi-bin/" "${this.www}/cgi-bin/"` : ''}
`;
  }

  /** @param {number} port */
  #lighttpd(port) {
    return `server.modules = ( "mod_cgi" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${this.www}"
server.errorlog = "${this.#run}/logs/lighttpd.log"
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", ".js" => "text/javascript" )
cgi.assign = ( ".cgi" => "" )
`;
  }

  /** Starts the web server. */
  async start() {
    const port = await freePort();
    const conf = join(this.#run, 'server.conf');
    const { lighttpd } = this.kind;
    writeFileSync(conf, lighttpd ? this.#lighttpd(port) : this.#apache(port));
    /** @type {[string, string][]} */
    const over = ['passwd', 'group'].map((name) =>
      [join(this.#run, name), join('/etc', name)]);
    if (this.suexec) over.push([join(this.#run, 'suexec'),
      '/etc/apache2/suexec/www-data'], [join(this.#run, 'logs'),
      '/var/log/apache2']);
    const [program, ...words] = namespace(over, !this.suexec,
      lighttpd ? ['lighttpd', '-D', '-f', conf]
        : ['apache2', '-f', conf, '-DFOREGROUND']);
    this.#server = start(program, words, { log: join(this.#run, 'out'),
      cwd: this.#run, env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
    this.base = `http://127.0.0.1:${port}`;
    const server = this.#server;
    await until('the web server answers', () => {
      if (server.exitCode !== null) throw new Error(this.said);
      return fetch(this.base).then(() => true, () => false);
    });
  }

  /** What the web server wrote. */
  get said() {
    return ['out', 'logs/apache.log', 'logs/suexec.log', 'logs/lighttpd.log']
      .map((name) => join(this.#run, name)).filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8')).join('');
  }

  /** Ends it, with the programs that it started. */
  async stop() {
    if (!this.#server || this.#server.exitCode !== null) return;
    this.#server.kill('SIGTERM');
    if (this.#server.exitCode === null && !this.#server.signalCode)
      await once(this.#server, 'exit');
  }
}

<?php
/**
 * The Channel API of App Engine on Letterbox, for PHP 7.4 and newer.
 *
 * Copy this one file into the application; it needs nothing but PHP: no curl,
 * no allow_url_fopen. Then
 *
 *     require 'channel.php';
 *     $token = channel\create_channel($client_id);
 *     channel\send_message($client_id, 'Good morning');
 *
 * Where Letterbox is, and the key that `letterbox key add` has shown, come from
 * the environment (or from SetEnv of Apache):
 *
 *     LETTERBOX_URL       https://www.example.org/api: what /channel/... follows
 *     LETTERBOX_KEY       the key, or
 *     LETTERBOX_KEY_FILE  a file with nothing else in it, outside of the web
 *     LETTERBOX_KEY_NAME  the name of the key: requests are signed with the key,
 *                         which itself is not sent (clocks agree within 300 s)
 *     LETTERBOX_TICKET_KEY, LETTERBOX_TICKET_KEY_FILE
 *                         for mint_ticket() alone: as ticket_key_file has it
 *
 * or from channel\configure($url, $key). Who has several keys makes a
 * channel\Channel of each and calls its methods.
 *
 * A call is repeated for `patience` seconds when the server cannot be reached or
 * says that it is busy; send_message() numbers what it sends, so that a repeat
 * is one message. What remains is a channel\Error, with the server's words.
 */

declare(strict_types=1);

namespace channel {

const MAXIMUM_CLIENT_ID_LENGTH = 256; // bytes of UTF-8
const MAXIMUM_TOKEN_DURATION_MINUTES = 24 * 60;
const MAXIMUM_MESSAGE_LENGTH = 32767; // bytes of UTF-8

/**
 * Everything that this module throws. getCode() is the status of HTTP, 0 when
 * there was no answer; $word is Letterbox's word for it, or ''; $retryable
 * whether the same call may succeed later.
 */
class Error extends \Exception
{
    /** @var string */
    public $word;
    /** @var bool */
    public $retryable;

    public function __construct(string $words, int $status = 0,
        string $word = '', bool $retryable = false)
    {
        parent::__construct($words, $status);
        $this->word = $word;
        $this->retryable = $retryable;
    }
}

/** The client id is no text of 1 to 256 bytes. */
class InvalidChannelClientIdError extends Error {}
/** The duration is no whole number of minutes, 1 to 1440. */
class InvalidChannelTokenDurationError extends Error {}
/** The message is no text of 1 to 32767 bytes. */
class InvalidMessageError extends Error {}
/** The address or the key is missing, or is none. */
class ConfigurationError extends Error {}
/** The server does not know the key, or the signature is not its (401). */
class KeyRefusedError extends Error {}
/** Too much waits for this client, or the server's disk is full (507). */
class FullError extends Error {}
/** No answer, or "later", for as long as there was patience. */
class UnavailableError extends Error {}

/** One application's service, by its own key. */
class Channel
{
    private const TOKEN_LENGTH = 4096;
    private const HOOK_S = 300; // that a post's date may be off
    private const JSON_LENGTH = 98304; // bytes; above it a form
    /** 500: a program that was killed. */
    private const TRANSIENT = [429, 500, 502, 503, 504];
    private const BY_STATUS = [
        401 => KeyRefusedError::class, 507 => FullError::class,
        429 => UnavailableError::class, 500 => UnavailableError::class,
        502 => UnavailableError::class, 503 => UnavailableError::class,
        504 => UnavailableError::class,
    ];
    private const BY_NAME = [
        'InvalidChannelClientIdError' => InvalidChannelClientIdError::class,
        'InvalidChannelTokenDurationError' =>
            InvalidChannelTokenDurationError::class,
        'InvalidMessageError' => InvalidMessageError::class,
    ];

    /** @var string */
    private $url;
    /** @var string */
    private $key;
    /** @var string '' where requests are not signed */
    private $key_name;
    /** @var array{timeout: int|float, patience: int|float, tls: array} */
    private $options = ['timeout' => 10, 'patience' => 5, 'tls' => []];
    /** @var array<string, int|string> of the address */
    private $where;

    /**
     * What is null comes from the environment. $options: `timeout` in seconds
     * of one try, `patience` for all of them together, `tls` for a stream
     * context, where the default will not do.
     */
    public function __construct(?string $url = null, ?string $key = null,
        ?string $key_name = null, array $options = [])
    {
        $this->url = rtrim($url ?? environment('LETTERBOX_URL'), '/');
        $this->key = $key ?? secret('LETTERBOX_KEY');
        // A key of one's own does not have the name of the environment's.
        $this->key_name = $key_name ??
            ($key === null ? environment('LETTERBOX_KEY_NAME') : '');
        $this->options = $options + $this->options;
        $where = parse_url($this->url) ?: [];
        if (!in_array($where['scheme'] ?? '', ['http', 'https'], true) ||
            !isset($where['host']))
            throw new ConfigurationError("LETTERBOX_URL is no http:// or " .
                "https:// address: '{$this->url}'");
        if ($this->key === '')
            throw new ConfigurationError('LETTERBOX_KEY is not set');
        $this->where = $where;
    }

    // --- the calls of the original ---

    /**
     * A token for the page of $client_id, another one at each call.
     * $duration_minutes: 1 to 1440 that it is good, 120 when left out.
     */
    public function create_channel($client_id, $duration_minutes = null): string
    {
        check($client_id, MAXIMUM_CLIENT_ID_LENGTH,
            InvalidChannelClientIdError::class, 'client_id');
        $request = ['client_id' => $client_id];
        if ($duration_minutes !== null) {
            if (!is_int($duration_minutes) || $duration_minutes < 1 ||
                $duration_minutes > MAXIMUM_TOKEN_DURATION_MINUTES)
                throw new InvalidChannelTokenDurationError(
                    'duration_minutes is a whole number, 1 to ' .
                    MAXIMUM_TOKEN_DURATION_MINUTES);
            $request['duration_minutes'] = $duration_minutes;
        }
        return $this->post('create', $request)['token'];
    }

    /**
     * Sends $message to a client, by its id or a token of it. On disk when this
     * returns, whether somebody listens or not. Calls with the same $id (1 to
     * 128 bytes) within an hour are one message.
     */
    public function send_message($client_id, $message, ?string $id = null): void
    {
        check($client_id, self::TOKEN_LENGTH,
            InvalidChannelClientIdError::class, 'client_id');
        check($message, MAXIMUM_MESSAGE_LENGTH, InvalidMessageError::class,
            'message');
        $this->post('send', ['client_id' => $client_id, 'message' => $message,
            'id' => $id ?? encode64(random_bytes(12))]);
    }

    // --- who is there ---

    /**
     * Who came and went after the cursor $after, or all that is kept. Held for
     * up to $wait seconds until there is something. There may be more when there
     * was any: ask on with the new cursor.
     *
     * @return array{events: array<array{event: string, client_id: string,
     *   at: float, seq: int}>, cursor: string, gap: bool, pause: float}
     *   event: connected, disconnected; at: seconds of Unix time; gap: events
     *   before these are lost, so who is there is not known; pause: seconds to
     *   wait before the next question, where it is not held
     */
    public function presence(?string $after = null, int $wait = 0): array
    {
        $request = ['wait' => $wait];
        if ($after !== null && $after !== '')
            $request['after'] = $after;
        $reply = $this->post('presence', $request, $wait);
        return [
            'events' => array_map(function (array $one): array {
                return ['event' => $one['event'], 'client_id' => $one['from'],
                    'at' => $one['at'] / 1000, 'seq' => $one['seq']];
            }, $reply['events']),
            'cursor' => $reply['cursor'],
            'gap' => isset($reply['gap']) || isset($reply['reset']),
            'pause' => $reply['poll']['pause'] / 1000,
        ];
    }

    /**
     * Each event there is, as presence() has it; with $wait in seconds it goes
     * on for ever. $cursor_file remembers where it was, so that the next one, in
     * another process perhaps, goes on there. It is held locked meanwhile. Who
     * stops in the middle gets some of the events again. The event `gap` says
     * that some were lost.
     */
    public function events(?string $cursor_file = null,
        int $wait = 0): \Generator
    {
        $file = $cursor_file === null ? null : @fopen($cursor_file, 'c+');
        if ($file === false)
            throw new ConfigurationError("$cursor_file cannot be opened");
        try {
            $cursor = $file ? locked($file) : '';
            while (true) {
                $told = $this->presence($cursor, $wait);
                if ($told['gap'])
                    yield ['event' => 'gap', 'client_id' => '',
                        'at' => microtime(true), 'seq' => 0];
                foreach ($told['events'] as $event)
                    yield $event;
                if ($file && $told['cursor'] !== $cursor) {
                    // One write; the first line counts, whatever stood there.
                    rewind($file);
                    fwrite($file, $told['cursor'] . "\n");
                    fflush($file);
                }
                $cursor = $told['cursor'];
                if ($told['events'] || $told['gap'])
                    continue;
                if ($wait === 0)
                    return;
                usleep((int)($told['pause'] * 1e6));
            }
        } finally {
            if ($file)
                fclose($file);
        }
    }

    /**
     * The event that a post of `letterbox hook` tells, as presence() has it, or
     * null. What is left out is taken from the request; $headers by their names
     * in lower case. null: the signature is not of this key, or the date is over
     * 300 seconds off. A post that comes again has the `seq` that it had.
     */
    public function verify_hook(?string $path = null, ?array $headers = null,
        ?string $body = null, ?int $now = null): ?array
    {
        $path = $path ?? (string)strtok($_SERVER['REQUEST_URI'], '?');
        $body = $body ?? (string)file_get_contents('php://input');
        $told = [];
        foreach (['date', 'event', 'signature'] as $word)
            $told[$word] = $headers === null
                ? $_SERVER['HTTP_X_LETTERBOX_' . strtoupper($word)] ?? ''
                : $headers["x-letterbox-$word"] ?? '';
        ['date' => $date, 'event' => $number] = $told;
        $ours = hmac($this->key, "POST\n$path\n$date\n$number\n" .
            hash('sha256', $body));
        if (!hash_equals($ours, $told['signature']) ||
            abs(($now ?? time()) - (int)$date) > self::HOOK_S)
            return null;
        parse_str($body, $form);
        return ['event' => basename($path), 'client_id' => $form['from'],
            'at' => (float)$date, 'seq' => (int)substr(strrchr($number, '.'),
                1)];
    }

    // --- the way there ---

    /** The reply to a call, after as many tries as it takes. */
    private function post(string $call, array $request, int $wait = 0): ?array
    {
        $path = "/channel/$call";
        $body = encode_json($request);
        $type = 'application/json';
        // Control characters take six bytes each in JSON, three in a form.
        if (strlen($body) > self::JSON_LENGTH) {
            $body = http_build_query($request, '', '&');
            $type = 'application/x-www-form-urlencoded';
        }
        $headers = "Content-Type: $type\r\n" . $this->headers($path, $body);
        // What is lost while it is held has all of the patience left.
        $end = microtime(true) + $wait + $this->options['patience'];
        $pause = 0.05;
        while (true) {
            $least = 0;
            try {
                [$status, $head, $text] = $this->exchange($path, $headers,
                    $body, $wait);
                if ($status === 204)
                    return null;
                if ($status === 200 || $status === 201)
                    return $this->read($status, $text);
                $error = $this->error_of($status, $text);
                if (!in_array($status, self::TRANSIENT, true))
                    throw $error;
                if (preg_match('/^Retry-After: *(\d+)/mi', $head, $found))
                    $least = (int)$found[1];
            } catch (UnavailableError $failure) {
                $error = $failure;
            }
            $pause = max($least, $pause * mt_rand(130, 200) / 100);
            if (microtime(true) + $pause > $end)
                throw $error;
            usleep((int)($pause * 1e6));
        }
    }

    private function read(int $status, string $text): array
    {
        $reply = json_decode($text, true);
        if (!is_array($reply))
            throw new Error("At {$this->url} is something else than Letterbox",
                $status);
        return $reply;
    }

    private function error_of(int $status, string $text): Error
    {
        $problem = json_decode($text, true);
        $class = self::BY_STATUS[$status] ?? Error::class;
        if (!isset($problem['title'], $problem['detail'])) {
            $words = ($status >= 300 && $status < 400) || $status === 404
                ? 'Moved, or no Letterbox there' : 'The web server refuses';
            return new $class("$words ($status)", $status, '',
                in_array($status, self::TRANSIENT, true));
        }
        $class = self::BY_NAME[$problem['exception'] ?? ''] ?? $class;
        return new $class("{$problem['title']}: {$problem['detail']}", $status,
            $problem['code'] ?? '', (bool)($problem['retryable'] ?? false));
    }

    private function headers(string $path, string $body): string
    {
        if ($this->key_name === '')
            // Some hosts take Authorization away, and none takes this.
            return "X-Letterbox-Key: {$this->key}\r\n";
        // Two requests of one date would be one request, sent again.
        $date = sprintf('%d.%09d', time(), random_int(0, 999999999));
        return "X-Letterbox-Key-Name: {$this->key_name}\r\n" .
            "X-Letterbox-Date: $date\r\n" . 'X-Letterbox-Signature: ' .
            sign($this->key, $path, $date, $body) . "\r\n";
    }

    /** HTTP/1.0: the reply ends with the connection, and is not in chunks.
     * @return array{int, string, string} status, headers, body */
    private function exchange(string $path, string $headers, string $body,
        int $wait): array
    {
        ['scheme' => $scheme, 'host' => $host] = $this->where;
        $port = $this->where['port'] ?? ['http' => 80, 'https' => 443][$scheme];
        $transport = $scheme === 'https' ? 'ssl' : 'tcp';
        $line = @stream_socket_client("$transport://$host:$port", $number, $why,
            $this->options['timeout'], STREAM_CLIENT_CONNECT,
            stream_context_create(['ssl' => $this->options['tls']]));
        if (!$line)
            throw $this->silent($why ?: 'no connection');
        try {
            $target = ($this->where['path'] ?? '') .
                (isset($this->where['query']) ? "?{$this->where['query']}" : '');
            stream_set_timeout($line, (int)$this->options['timeout'] + $wait);
            $rest = "POST $target$path HTTP/1.0\r\nHost: " .
                (isset($this->where['port']) ? "$host:$port" : $host) .
                "\r\nConnection: close\r\n" .
                'Content-Length: ' . strlen($body) . "\r\n" .
                "$headers\r\n$body";
            while ($rest !== '') {
                $n = @fwrite($line, $rest);
                if (!$n)
                    break; // the answer may be there all the same
                $rest = (string)substr($rest, $n);
            }
            $reply = (string)@stream_get_contents($line);
            $late = stream_get_meta_data($line)['timed_out'];
        } finally {
            fclose($line);
        }
        return $this->split($reply, $late ? 'too late' : 'cut off');
    }

    private function split(string $reply, string $why): array
    {
        [$head, $text] = explode("\r\n\r\n", $reply, 2) + [1 => ''];
        if (!preg_match('/^HTTP\/1\.\d (\d{3})/', $head, $found) ||
            (preg_match('/^Content-Length: *(\d+)/mi', $head, $length) &&
                strlen($text) < (int)$length[1]))
            throw $this->silent($why);
        return [(int)$found[1], $head, $text];
    }

    private function silent(string $why): UnavailableError
    {
        return new UnavailableError(
            "Letterbox at {$this->url} does not answer: $why", 0, '', true);
    }
}

// --- tickets and signatures -------------------------------------------------

/**
 * A ticket that lets $peer, or whoever has it, into $room. It is good for
 * joining for $seconds from $now (Unix time). $may lists what the peer may do:
 * 'post', 'rules'; all, when left out. $key is the text in the server's
 * ticket_key_file.
 */
function mint_ticket(string $room, ?string $peer = null, int $seconds = 3600,
    ?array $may = null, ?string $key = null, ?int $now = null): string
{
    $key = trim($key ?? secret('LETTERBOX_TICKET_KEY'));
    if ($key === '')
        throw new ConfigurationError('LETTERBOX_TICKET_KEY is not set');
    $claims = ['room' => $room, 'peer' => $peer,
        'exp' => ($now ?? time()) + $seconds,
        'may' => $may === null ? null : array_values($may)];
    $payload = encode64(encode_json(array_filter($claims,
        function ($value): bool { return $value !== null; })));
    return $payload . '.' . hmac($key, $payload);
}

/** X-Letterbox-Signature of a POST of $body to $path, such as /channel/send, at
 * $date in seconds; a fraction tells requests apart. */
function sign(string $key, string $path, string $date, string $body): string
{
    return hmac($key, "POST\n$path\n$date\n" . hash('sha256', $body));
}

/** base64url(HMAC-SHA256(SHA-256(key), text)). */
function hmac(string $key, string $text): string
{
    return encode64(hash_hmac('sha256', $text, hash('sha256', $key, true), true));
}

function encode64(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function encode_json(array $value): string
{
    return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES |
        JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS);
}

/** @param class-string<Error> $error */
function check($value, int $most, string $error, string $what): void
{
    if (!is_string($value) || $value === '' || strlen($value) > $most ||
        !preg_match('//u', $value))
        throw new $error("$what is a text of 1 to $most bytes of UTF-8");
}

// --- where it is told -------------------------------------------------------

function environment(string $name): string
{
    $value = getenv($name);
    return $value === false ? (string)($_SERVER[$name] ?? '') : $value;
}

/** From the environment, or from the file that it names. */
function secret(string $name): string
{
    $value = trim(environment($name));
    $path = environment("{$name}_FILE");
    if ($value !== '' || $path === '')
        return $value;
    $text = @file_get_contents($path);
    if ($text === false)
        throw new ConfigurationError("{$name}_FILE: $path cannot be read");
    return trim($text);
}

/** The first line of a file, which nobody else has now. @param resource $file */
function locked($file): string
{
    flock($file, LOCK_EX);
    return trim((string)fgets($file, 256));
}

// --- the names of the original ----------------------------------------------

/** The Channel of the functions below; with arguments, as Channel has them, a
 * new one. */
function configure(?string $url = null, ?string $key = null,
    ?string $key_name = null, array $options = []): Channel
{
    static $default = null;
    if ($default === null || func_num_args() > 0)
        $default = new Channel($url, $key, $key_name, $options);
    return $default;
}

/** See Channel::create_channel(). */
function create_channel($client_id, $duration_minutes = null): string
{
    return configure()->create_channel($client_id, $duration_minutes);
}

/** See Channel::send_message(). */
function send_message($client_id, $message, ?string $id = null): void
{
    configure()->send_message($client_id, $message, $id);
}

/** See Channel::presence(). */
function presence(?string $after = null, int $wait = 0): array
{
    return configure()->presence($after, $wait);
}

/** See Channel::events(). */
function events(?string $cursor_file = null, int $wait = 0): \Generator
{
    return configure()->events($cursor_file, $wait);
}

/** See Channel::verify_hook(). */
function verify_hook(?string $path = null, ?array $headers = null,
    ?string $body = null, ?int $now = null): ?array
{
    return configure()->verify_hook($path, $headers, $body, $now);
}

} // namespace channel

// --- the same two without a namespace, where these names are free -----------

namespace {

if (!function_exists('create_channel')) {
    function create_channel($client_id, $duration_minutes = null): string
    {
        return channel\create_channel($client_id, $duration_minutes);
    }
}
if (!function_exists('send_message')) {
    function send_message($client_id, $message, ?string $id = null): void
    {
        channel\send_message($client_id, $message, $id);
    }
}

}

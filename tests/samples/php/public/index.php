<?php
/**
 * A room for two: an application of the Channel API, in PHP.
 *
 * The pages talk to us by POST, and we to them by channel\send_message(). All
 * that is remembered is who sits in which room, in the file ROOM_STATE. Who has
 * left is asked at each request, so nothing runs in between.
 */

declare(strict_types=1);

require __DIR__ . '/../channel.php';

const SEATS = 2;
const COMING = 10; // seconds from joining to the channel's being open, at most

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
[, $room, $call] = explode('/', $path) + ['', '', ''];
$room = rawurldecode($room);

if ($room === '') {
    header('Location: /' . bin2hex(random_bytes(8)));
    exit;
}
if ($call === '') {
    readfile(__DIR__ . '/static/room.html');
    exit;
}
$asked = json_decode(file_get_contents('php://input'));
if ($_SERVER['REQUEST_METHOD'] !== 'POST' || !isset($asked->key))
    answer(400, ['error' => 'Ask with a key, please.']);
try {
    $me = name_of($asked->key);
    if ($call === 'join')
        join_room($room, $me);
    if ($call === 'say')
        say($room, $me, $asked);
    answer(404, ['error' => 'There is no such call.']);
} catch (channel\Error $error) {
    answer($error->retryable ? 503 : 400, ['error' => $error->getMessage()]);
}

function join_room(string $room, string $me): void
{
    $others = with_seats($room, function (array &$seats) use ($me): ?array {
        if (!isset($seats[$me]) && count($seats) >= SEATS)
            return null;
        $seats[$me] = ['since' => microtime(true),
            'open' => $seats[$me]['open'] ?? false];
        return others($seats, $me);
    });
    if ($others === null)
        answer(409, ['error' => 'This room is full.']);
    answer(200, ['me' => $me, 'others' => $others,
        'token' => channel\create_channel(client($room, $me), 240)]);
}

function say(string $room, string $me, object $asked): void
{
    $others = with_seats($room, function (array $seats) use ($me): ?array {
        return isset($seats[$me]) ? others($seats, $me) : null;
    });
    if ($others === null)
        answer(403, ['error' => 'You have no seat here.']);
    $asked->message->from = $me;
    tell($room, $others, $asked->message, "$me $asked->id");
    answer(204);
}

function answer(int $status, ?array $reply = null): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    if ($reply !== null)
        echo json_encode($reply);
    exit;
}

/** The page keeps the key to itself; the others know its name alone. */
function name_of(string $key): string
{
    // A letter first, or PHP would make a number of some.
    return 'm' . substr(hash('sha256', $key), 0, 15);
}

function client(string $room, string $member): string
{
    return "$room/$member";
}

function others(array $seats, string $me): array
{
    return array_values(array_diff(array_keys($seats), [$me]));
}

function tell(string $room, array $members, $message,
    ?string $id = null): void
{
    foreach ($members as $member)
        channel\send_message(client($room, $member), json_encode($message),
            $id);
}

// --- who sits where ---

/**
 * Calls $work with the seats of a room, [member => [since, open]], which are
 * ours alone until it returns.
 */
function with_seats(string $room, callable $work): ?array
{
    $file = getenv('ROOM_STATE') ?: sys_get_temp_dir() . '/room.json';
    $lock = fopen("$file.lock", 'c');
    flock($lock, LOCK_EX);
    $state = is_file($file) ? json_decode(file_get_contents($file), true)
        : ['cursor' => null, 'rooms' => []];
    $leavers = collect($state);
    $state['rooms'] += [$room => []];
    $result = $work($state['rooms'][$room]);
    $state['rooms'] = array_filter($state['rooms']);
    file_put_contents("$file.new", json_encode($state));
    rename("$file.new", $file);
    fclose($lock);
    foreach ($leavers as [$where, $member])
        tell($where, array_keys($state['rooms'][$where] ?? []),
            ['type' => 'left', 'from' => $member]);
    return $result;
}

/** Brings the seats up to date; returns the [room, member]s that have left. */
function collect(array &$state): array
{
    $rooms = &$state['rooms'];
    $told = channel\presence($state['cursor']);
    while ($told['events'] || $told['gap']) {
        if ($told['gap']) // we know nothing any more
            $rooms = [];
        foreach ($told['events'] as $event) {
            $slash = (int)strrpos($event['client_id'], '/');
            $room = substr($event['client_id'], 0, $slash);
            $member = substr($event['client_id'], $slash + 1);
            $is_open = $event['event'] === 'connected';
            if ($is_open && !isset($rooms[$room][$member]))
                $rooms[$room][$member] = ['since' => $event['at']];
            if (isset($rooms[$room][$member]))
                $rooms[$room][$member]['open'] = $is_open;
        }
        $told = channel\presence($told['cursor']);
    }
    $state['cursor'] = $told['cursor'];
    // Who has joined a moment ago may be reloading, and comes again.
    $leavers = [];
    foreach ($rooms as $room => $seats)
        foreach ($seats as $member => $seat)
            if (!$seat['open'] && $seat['since'] < microtime(true) - COMING) {
                unset($rooms[$room][$member]);
                $leavers[] = [(string)$room, $member];
            }
    return $leavers;
}

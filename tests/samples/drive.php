<?php
/** Calls channel.php for a test, as drive.py does channel.py. */

declare(strict_types=1);

require getenv('MODULES') . '/channel.php';

$made = [];

function given($value)
{
    return is_array($value) && isset($value['base64'])
        ? base64_decode($value['base64']) : $value;
}

function answer(array $asked)
{
    global $made;
    $call = $asked['call'];
    $args = array_map('given', $asked['args']);
    if (!isset($asked['on']))
        $value = "channel\\$call"(...$args);
    else {
        $on = $asked['on'];
        $which = json_encode($on);
        if (!isset($made[$which])) {
            $options = array_diff_key($on, array_flip(['url', 'key',
                'key_name']));
            $made[$which] = new channel\Channel($on['url'] ?? null,
                $on['key'] ?? null, $on['key_name'] ?? null, $options);
        }
        $value = $made[$which]->$call(...$args);
    }
    return $value instanceof Traversable ? iterator_to_array($value, false)
        : $value;
}

while (($line = fgets(STDIN)) !== false) {
    try {
        $reply = ['value' => answer(json_decode($line, true))];
    } catch (channel\Error $error) {
        $reply = ['error' => (new ReflectionClass($error))->getShortName(),
            'words' => $error->getMessage(), 'status' => $error->getCode(),
            'code' => $error->word, 'retryable' => $error->retryable];
    }
    echo json_encode($reply, JSON_THROW_ON_ERROR), "\n";
}

/*
 * listener: the listening socket that the program inherited.
 */
#ifndef LETTERBOX_LISTENER_H
#define LETTERBOX_LISTENER_H

/*
 * Descriptor 0 when it is one, as web servers pass it; else 3 when LISTEN_PID
 * and LISTEN_FDS say that it is meant for this process, sd_listen_fds(3);
 * else -1.
 */
int listener_find(void);

#endif

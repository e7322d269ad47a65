/*
 * app: what an application of the Channel service says, as HTTP requests for
 * client.h.
 */
#ifndef BENCH_APP_H
#define BENCH_APP_H

#include "client.h"

/* As `letterbox key add` has shown it; must be set. */
extern const char *app_key;

/* A token for a client. */
void app_create(struct conn *, const char *client);
/* A message of as many bytes as an ICE candidate has in peer_post(). */
void app_send(struct conn *, const char *client);

#endif

/*
 * app: see app.h.
 */
#include "app.h"

#include <stdio.h>
#include <string.h>

#include "peer.h"

#define MESSAGE 230 /* bytes */

const char *app_key;

static void
ask(struct conn *c, const char *call, const char *body)
{
	conn_send(c,
	    "POST %s/channel/%s HTTP/1.1\r\nHost: bench\r\n"
	    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    peer_mount, call, app_key, strlen(body), body);
}

void
app_create(struct conn *c, const char *client)
{
	char body[128];

	snprintf(body, sizeof(body), "{\"client_id\":\"%s\"}", client);
	ask(c, "create", body);
}

void
app_send(struct conn *c, const char *client)
{
	char body[128 + MESSAGE], message[MESSAGE + 1];

	memset(message, 'x', MESSAGE);
	message[MESSAGE] = '\0';
	snprintf(body, sizeof(body),
	    "{\"client_id\":\"%s\",\"message\":\"%s\"}", client, message);
	ask(c, "send", body);
}

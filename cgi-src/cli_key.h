/*
 * cli_key: `letterbox key`: adds, lists and removes keys of applications.
 */
#ifndef LETTERBOX_CLI_KEY_H
#define LETTERBOX_CLI_KEY_H

/* `argv[0]` is "key"; `program` is how the program itself was called.  An exit
 * code of cli.h. */
int cli_key(const char *program, int argc, char **argv);

#endif

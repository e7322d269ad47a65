/*
 * cli_doctor: `letterbox doctor`: the doctor's findings for people and, with
 * --json, for programs.
 */
#ifndef LETTERBOX_CLI_DOCTOR_H
#define LETTERBOX_CLI_DOCTOR_H

#include "verb.h"

/* EXIT_DONE: all is well or works; EXIT_FAILED: something is bad. */
int cli_doctor(const struct verb_call *);

#endif

/*
 * cli_doctor: `letterbox doctor`: the doctor's findings for people and, with
 * --json, for programs.
 */
#ifndef LETTERBOX_CLI_DOCTOR_H
#define LETTERBOX_CLI_DOCTOR_H

/*
 * `argv[0]` is "doctor"; `program` is how the program itself was called.
 * The exit code: 0 all is well or works, 1 something is bad, 2 it was called
 * with options that it does not have.
 */
int cli_doctor(const char *program, int argc, char **argv);

#endif

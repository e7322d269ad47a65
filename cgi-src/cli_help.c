/*
 * cli_help: see cli_help.h.
 */
#include "cli_help.h"

int
cli_help(const struct verb_call *call)
{
	const struct verb *verb;

	if (call->args == 0) {
		verb_print_overview(stdout);
		return EXIT_DONE;
	}
	verb = verb_find(verb_table, call->arg[0]);
	if (verb == NULL)
		return verb_blame(verb_table, "unknown command `%s'",
		    call->arg[0]);
	verb_print_help(stdout, verb);
	return EXIT_DONE;
}

int
cli_completion(const struct verb_call *call)
{
	if (verb_print_completion(stdout, call->arg[0]))
		return EXIT_DONE;
	return verb_blame(call->verb, "it knows bash, zsh and fish, not `%s'",
	    call->arg[0]);
}

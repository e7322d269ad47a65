/*
 * doctor_code: who may ask the doctor over the web: whoever can read a file
 * of the data folder.
 *
 * doctor.code holds 8 letters.  They are good once, and for an hour; then
 * there are others.  Whoever gave them gets a pass for a while, so that he
 * can ask again after each cure.
 */
#ifndef LETTERBOX_DOCTOR_CODE_H
#define LETTERBOX_DOCTOR_CODE_H

#include <stdint.h>

#include "buf.h"
#include "err.h"

#define DOCTOR_CODE "doctor.code" /* in the data folder */
#define DOCTOR_CODE_LETTERS 8
#define DOCTOR_PASS_MS (15 * 60 * INT64_C(1000))

/* Sees to it that there is a code, and that it is not of an hour ago. */
enum lb_err doctor_code_keep(const char *folder, int64_t wall);
/* LB_OK: it was the code, which is another one now.  LB_DOCTOR: it was not, or
 * there is none. */
enum lb_err doctor_code_use(const char *folder, struct slice given,
    int64_t wall);

/* Appends a pass that is good for DOCTOR_PASS_MS; `key` is the server's. */
void doctor_pass_print(struct buf *out, struct slice key, int64_t wall);
/* LB_OK or LB_DOCTOR. */
enum lb_err doctor_pass_check(struct slice given, struct slice key,
    int64_t wall);

#endif

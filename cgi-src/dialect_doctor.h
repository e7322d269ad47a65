/*
 * dialect_doctor: the doctor's page, which every dialect may serve, also one
 * that has nothing else to say.
 */
#ifndef LETTERBOX_DIALECT_DOCTOR_H
#define LETTERBOX_DIALECT_DOCTOR_H

struct exchange;

/* Replies 200 with the page; it is the same for everybody. */
void dialect_doctor_page(struct exchange *);

#endif

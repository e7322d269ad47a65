/*
 * align: see align.h.
 */
#include "align.h"

#include <stdint.h>
#include <stdlib.h>

struct pair {
	const int *a, *b;
	size_t na, nb;
	size_t head; /* in front of them, the same in both */
	struct align_row *rows;
	size_t count;
};

static void
add_row(struct pair *p, int a, int b)
{
	p->rows[p->count++] = (struct align_row){ a, b };
}

/* At i, j: how much the rest of both has in common. */
static uint32_t *
make_table(const struct pair *p)
{
	size_t width = p->nb + 1, i = p->na, j;
	uint32_t *table = calloc((p->na + 1) * width, sizeof(*table));

	while (table != NULL && i-- > 0) {
		for (j = p->nb; j-- > 0;) {
			uint32_t below = table[(i + 1) * width + j];
			uint32_t right = table[i * width + j + 1];

			table[i * width + j] = p->a[i] == p->b[j] ?
			    table[(i + 1) * width + j + 1] + 1 :
			    below > right ? below :
					    right;
		}
	}
	return table;
}

static enum lb_err
align_middle(struct pair *p)
{
	size_t i = 0, j = 0, width = p->nb + 1;
	uint32_t *table;

	if (p->na > 0 && p->nb > 0 && p->na + 1 <= ALIGN_CELLS / width) {
		if ((table = make_table(p)) == NULL)
			return LB_NO_MEMORY;
		while (i < p->na && j < p->nb) {
			if (p->a[i] == p->b[j]) {
				add_row(p, (int)(i + p->head),
				    (int)(j + p->head));
				i++;
				j++;
			} else if (table[(i + 1) * width + j] >=
			    table[i * width + j + 1]) {
				add_row(p, (int)(i++ + p->head), -1);
			} else {
				add_row(p, -1, (int)(j++ + p->head));
			}
		}
		free(table);
	}
	while (i < p->na)
		add_row(p, (int)(i++ + p->head), -1);
	while (j < p->nb)
		add_row(p, -1, (int)(j++ + p->head));
	return LB_OK;
}

enum lb_err
align(const int *a, size_t na, const int *b, size_t nb, struct align_row **out,
    size_t *count)
{
	struct pair p = { .count = 0 };
	size_t tail = 0, i;
	enum lb_err err;

	*out = p.rows = calloc(na + nb + 1, sizeof(*p.rows));
	*count = 0;
	if (p.rows == NULL)
		return LB_NO_MEMORY;
	while (p.head < na && p.head < nb && a[p.head] == b[p.head]) {
		add_row(&p, (int)p.head, (int)p.head);
		p.head++;
	}
	while (tail < na - p.head && tail < nb - p.head &&
	    a[na - 1 - tail] == b[nb - 1 - tail])
		tail++;
	p.a = a + p.head;
	p.b = b + p.head;
	p.na = na - p.head - tail;
	p.nb = nb - p.head - tail;
	err = align_middle(&p);
	for (i = tail; err == LB_OK && i > 0; i--)
		add_row(&p, (int)(na - i), (int)(nb - i));
	*count = p.count;
	return err;
}

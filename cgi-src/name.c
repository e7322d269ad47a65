/*
 * name: the alphabets, one table.
 */
#include "name.h"

#define UNRESERVED 1 /* RFC 3986 section 2.3 */
#define BASE64URL 2  /* RFC 4648 section 5 */

static unsigned char
class_of(unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_')
		return UNRESERVED | BASE64URL;
	if (c == '.' || c == '~')
		return UNRESERVED;
	return 0;
}

/* 1 when `min`..`max` bytes, all of `class`. */
static int
all_of(struct slice s, unsigned char class, size_t min, size_t max)
{
	size_t i;

	if (s.p == NULL || s.n < min || s.n > max)
		return 0;
	for (i = 0; i < s.n; i++)
		if ((class_of((unsigned char)s.p[i]) & class) == 0)
			return 0;
	return 1;
}

int
name_valid(struct slice name)
{
	return all_of(name, UNRESERVED, 1, NAME_MAX_BYTES) &&
	    !slice_is(name, ".") && !slice_is(name, "..");
}

/* 1 when a control character (U+0000..1F, U+007F..9F) begins at s.p[i]. */
static int
is_control(struct slice s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0;
}

int
name_text(struct slice utf8, size_t min, size_t max)
{
	size_t i, n = 0;

	if (utf8.p == NULL && min > 0)
		return 0;
	for (i = 0; i < utf8.n; i++) {
		if (is_control(utf8, i))
			return 0;
		/* Every byte but a continuation begins a character. */
		if (((unsigned char)utf8.p[i] & 0xc0) != 0x80 && ++n > max)
			return 0;
	}
	return n >= min;
}

int
name_type(struct slice type)
{
	return name_text(type, 1, 64) && !slice_is(type, "joined") &&
	    !slice_is(type, "left") && !slice_starts(type, "room-");
}

int
name_key(struct slice key)
{
	return all_of(key, BASE64URL, 22, 43);
}

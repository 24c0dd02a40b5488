#include "commands/file_layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define SIZE_WIDTH 12 /* behind the date and a blank */

void
file_layout_entry(struct out *out, const struct file_entry *en,
    const char *name)
{
	char date[32];

	clock_strftime(date, sizeof(date), "%d %b,%Y %H:%M:%S", en->mtime);
	if (en->dir) {
		out_printf(out, "%s      <dir>    ", date);
	} else {
		char size[FILE_LAYOUT_NUMBER_SIZE];

		file_layout_number(size, en->size);
		out_printf(out, "%s %*s  ", date, SIZE_WIDTH, size);
	}
	out_visible(out, name, strlen(name));
	out_puts(out, "\n");
}

size_t
file_layout_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80)
			n++;
	}
	return n;
}

void
file_layout_number(char dst[FILE_LAYOUT_NUMBER_SIZE], int64_t n)
{
	char digits[24];
	size_t i, len, at = 0;

	(void)str_printf(digits, sizeof(digits), "%lld", (long long)n);
	len = strlen(digits);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			dst[at++] = ',';
		dst[at++] = digits[i];
	}
	dst[at] = '\0';
}

static void
hex_row(struct out *out, int64_t offset, const uint8_t *p, size_t n)
{
	char row[128];
	size_t i, at;

	at = (size_t)snprintf(row, sizeof(row), "%08llx ",
	    (unsigned long long)offset);
	for (i = 0; i < FILE_LAYOUT_ROW; i++) {
		if (i % 8 == 0)
			row[at++] = ' ';
		if (i < n)
			at += (size_t)snprintf(row + at, sizeof(row) - at,
			    "%02x ", p[i]);
		else
			at +=
			    (size_t)snprintf(row + at, sizeof(row) - at, "   ");
	}
	row[at++] = ' ';
	row[at++] = '|';
	for (i = 0; i < n; i++)
		row[at++] = (char)(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '.');
	row[at++] = '|';
	row[at++] = '\n';
	out_write(out, row, at);
}

void
file_layout_hex(struct out *out, int64_t offset, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n > 0) {
		size_t take = n < FILE_LAYOUT_ROW ? n : FILE_LAYOUT_ROW;

		hex_row(out, offset, p, take);
		offset += (int64_t)take;
		p += take;
		n -= take;
	}
}

void
file_layout_kbytes(char dst[FILE_LAYOUT_NUMBER_SIZE], int64_t bytes)
{
	float f = (float)bytes / 1024.0F;
	int digits = 0, after;

	/* The fewest significant digits that mean f; nine always do. */
	do {
		digits++;
		(void)str_printf(dst, FILE_LAYOUT_NUMBER_SIZE, "%.*e",
		    digits - 1, (double)f);
	} while (
	    digits < 9 && (strtof(dst, NULL) < f || strtof(dst, NULL) > f));
	/* The same without an exponent. */
	after = digits - 1 - (int)strtol(strchr(dst, 'e') + 1, NULL, 10);
	(void)str_printf(dst, FILE_LAYOUT_NUMBER_SIZE, "%.*f",
	    after > 1 ? after : 1, strtod(dst, NULL));
}

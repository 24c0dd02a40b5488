/*
 * How the commands `file …` lay out what they show (cli-reference 8).
 */
#ifndef COMMANDS_FILE_LAYOUT_H
#define COMMANDS_FILE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "commands/file_spec.h"

/*
 * The line of an entry in a detailed listing, under that name:
 * "16 Nov,2004 21:45:43        8,557  enGui.log".
 */
void file_layout_entry(struct out *out, const struct file_entry *en,
    const char *name);

/* Columns that UTF-8 text takes up, one for each character. */
size_t file_layout_width(const char *text);

#define FILE_LAYOUT_NUMBER_SIZE 32

/* A number with commas between its thousands. */
void file_layout_number(char dst[FILE_LAYOUT_NUMBER_SIZE], int64_t n);

#define FILE_LAYOUT_ROW 16 /* bytes of a hexadecimal row */

/*
 * Bytes in hexadecimal, FILE_LAYOUT_ROW of them a row, the first of which
 * stands at offset:
 * "00000010  2e 2e …  2e  |text|".
 */
void file_layout_hex(struct out *out, int64_t offset, const void *bytes,
    size_t n);

/*
 * Bytes as the vendor prints Kbytes: a 32-bit float of bytes / 1024, in the
 * shortest decimal that reads back as the same float; a whole number has
 * ".0".
 */
void file_layout_kbytes(char dst[FILE_LAYOUT_NUMBER_SIZE], int64_t bytes);

#endif

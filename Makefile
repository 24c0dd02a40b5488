# ucmsh: one non-recursive Makefile.
#
#   make            build every program into build/
#   make deps       install the Debian packages that are missing (root)
#   make lab        a three-node cluster on this machine (root)
#   make check      every test (root); make lint, bench, fuzz, cover
#
# A file DIR/NAME_main.c is the main() of the program NAME (with - for _);
# every other DIR/*.c goes into the archive of its directory.
# SAN=1 builds everything under AddressSanitizer and UBSan in build-asan/.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr
DESTDIR ?=

# Right of a directory stands everything it may include; also the link order.
DIRS := shell commands node cluster services phone sftp db trust base

SAN ?= 0
B := $(if $(filter 1,$(SAN)),build-asan,build)

WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes \
 -Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
 -Wpointer-arith -Wcast-qual -Wcast-align=strict -Wwrite-strings -Wformat=2 \
 -Wconversion -Wvla -Wundef -Wswitch-enum -Wimplicit-fallthrough=5 \
 -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op
CPPFLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -I.
CFLAGS := -O2 -g -fno-common -fstack-protector-strong -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
 -fno-omit-frame-pointer
DEPFLAGS = -MMD -MP

ifeq ($(SAN),1)
CFLAGS += $(SANITIZE) -Wno-null-dereference
LDFLAGS += $(SANITIZE)
else
CPPFLAGS += -D_FORTIFY_SOURCE=2
endif

LIBS_base := -ljansson
LIBS_trust := -lcrypto
LIBS_db := -lpq
LIBS_sftp := -lssh
LIBS_services := -levent_core -levent_extra
LIBS_shell := -lreadline
LIBS := -lreadline -lssh -lpq -levent_core -levent_extra -lssl -lcrypto \
 -ljansson -lpthread

MAINS := $(foreach d,$(DIRS),$(wildcard $(d)/*_main.c))
PROGRAMS := $(foreach m,$(MAINS),$(B)/$(subst _,-,$(patsubst %_main.c,%,$(notdir $(m)))))
SOURCES := $(foreach d,$(DIRS),$(wildcard $(d)/*.c))
HEADERS := $(foreach d,$(DIRS),$(wildcard $(d)/*.h))
ARCHIVES := $(foreach d,$(DIRS),$(B)/lib$(d).a)

all: $(PROGRAMS)

$(B)/%.o: %.c
	@mkdir -p $(dir $@)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(DEPFLAGS) -c -o $@ $<

define archive
$(B)/lib$(1).a: $(patsubst %.c,$(B)/%.o,$(filter-out $(MAINS),$(wildcard $(1)/*.c)))
	@rm -f $$@
	@mkdir -p $(B)
	ar rcs $$@ $$^
endef
$(foreach d,$(DIRS),$(eval $(call archive,$(d))))

# --- the database schema, built into libdb.a -------------------------------
SCHEMA := $(sort $(wildcard db/schema/*.sql))

$(B)/db/schema_sql.c: $(SCHEMA) tools/embed-sql
	@mkdir -p $(dir $@)
	tools/embed-sql $(SCHEMA) > $@

$(B)/db/schema_sql.o: $(B)/db/schema_sql.c db/schema_priv.h
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(DEPFLAGS) -c -o $@ $<

$(B)/libdb.a: $(B)/db/schema_sql.o
# ---------------------------------------------------------------------------

define program
$(B)/$(subst _,-,$(patsubst %_main.c,%,$(notdir $(1)))): $(patsubst %.c,$(B)/%.o,$(1)) $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $$@ $$< $(ARCHIVES) $(LIBS)
endef
$(foreach m,$(MAINS),$(eval $(call program,$(m))))

# --- tests ---------------------------------------------------------------
# Unit tests are always sanitized.  A test links the archive of its own
# directory and of those right of it, and nothing above: an upward call is a
# link error.

UNIT_SOURCES := $(sort $(wildcard tests/unit/*/test_*.c))
FAKE_SOURCES := $(wildcard tests/fakes/*.c)
UNITS := $(patsubst tests/%.c,build-asan/tests/%,$(UNIT_SOURCES))

below_base := base
below_trust := trust base
below_db := db base
below_sftp := sftp base
below_cluster := cluster sftp db trust base
below_services := services db trust base
below_phone := phone trust base
below_node := node cluster sftp db trust base
below_commands := commands cluster sftp db trust base
below_shell := shell commands cluster sftp db trust base

ifeq ($(SAN),1)
build-asan/libfakes.a: $(patsubst %.c,build-asan/%.o,$(FAKE_SOURCES))
	@rm -f $@
	ar rcs $@ $^

define unit
$(patsubst tests/%.c,build-asan/tests/%,$(1)): $(patsubst %.c,build-asan/%.o,$(1)) \
 $(foreach d,$(below_$(notdir $(patsubst %/,%,$(dir $(1))))),build-asan/lib$(d).a) \
 $(if $(FAKE_SOURCES),build-asan/libfakes.a)
	$(CC) $(LDFLAGS) -o $$@ $$^ $(if $(FAKE_SOURCES),build-asan/libfakes.a) \
	 $(foreach d,$(below_$(notdir $(patsubst %/,%,$(dir $(1))))),build-asan/lib$(d).a) \
	 $(LIBS) -lcmocka
endef
$(foreach u,$(UNIT_SOURCES),$(eval $(call unit,$(u))))

units: $(UNITS)
else
units:
	$(MAKE) SAN=1 units
endif

# make unit T=trust/test_tlv builds and runs one unit test
unit:
	$(MAKE) SAN=1 build-asan/tests/unit/$(T)
	./build-asan/tests/unit/$(T)

clean:
	rm -rf build build-asan build-fuzz build-cover

.PHONY: all units unit clean

-include $(shell find $(B) -name '*.d' 2>/dev/null)

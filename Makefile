# ucmsh: one non-recursive Makefile.
#
#   make            build every program into build/
#   make lab        a three-node cluster on this machine (root); lab-down
#   make check      every test (root)
#   make check-san  the system tests on sanitized programs (root)
#   make lint       format, static analysis and the rules of tools/check-*
#   make fuzz       every fuzz target for FUZZ_S=60 seconds
#   make cover      line coverage of the unit tests, file by file
#   make bench      our speed beside that of others (root)
#   make deps       install the Debian packages that are missing (root)
#   make install    below DESTDIR and PREFIX=/usr
#   make unit T=trust/test_tlv    build and run one unit test
#
# A file DIR/NAME_main.c is the main() of the program NAME (with - for _);
# every other DIR/*.c goes into the archive of its directory.
# Variants have directories of their own: SAN=1 builds under AddressSanitizer
# and UBSan in build-asan/, COVER=1 for gcov in build-cover/, FUZZ=1 for
# libFuzzer in build-fuzz/.

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
JOBS ?= $(shell nproc)
FUZZ_S ?= 60

# Right of a directory stands everything it may include; also the link order.
DIRS := shell commands node cluster services phone sftp db trust base

WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes \
 -Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
 -Wpointer-arith -Wcast-qual -Wcast-align=strict -Wwrite-strings -Wformat=2 \
 -Wconversion -Wvla -Wundef -Wswitch-enum -Wimplicit-fallthrough=5 \
 -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op
DEFINES := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE
CPPFLAGS := -std=c17 $(DEFINES) -I.
CFLAGS := -O2 -g -fno-common -fstack-protector-strong -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
 -fno-omit-frame-pointer
DEPFLAGS = -MMD -MP

ifeq ($(SAN),1)
B := build-asan
CFLAGS += $(SANITIZE) -Wno-null-dereference
LDFLAGS += $(SANITIZE)
else ifeq ($(COVER),1)
B := build-cover
CFLAGS += -O0 --coverage -Wno-null-dereference
LDFLAGS += --coverage
else ifeq ($(FUZZ),1)
B := build-fuzz
CC := clang
# gcc looks for warnings; some of its flags are unknown here.
WARN := -Wall -Wextra
CFLAGS := -O1 -g -fno-common $(SANITIZE) -fsanitize=fuzzer-no-link
LDFLAGS += $(SANITIZE) -fsanitize=fuzzer
else
B := build
CPPFLAGS += -D_FORTIFY_SOURCE=2
endif

# libpq is loaded by db/pq_load.c, libssh by sftp/lib_load.c.
LIBS := -lreadline -levent_core -levent_extra -lssl -lcrypto \
 -ljansson -lcrypt -lz -lpthread

MAINS := $(foreach d,$(DIRS),$(wildcard $(d)/*_main.c))
program_of = $(subst _,-,$(patsubst %_main.c,%,$(notdir $(1))))
PROGRAMS := $(foreach m,$(MAINS),$(B)/$(call program_of,$(m)))
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
	tools/embed-sql $(SCHEMA) > $@.$$$$ && mv $@.$$$$ $@

$(B)/db/schema_sql.o: $(B)/db/schema_sql.c db/schema_priv.h
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(DEPFLAGS) -c -o $@ $<

$(B)/libdb.a: $(B)/db/schema_sql.o

# --- the templates of phones' files, built into libservices.a --------------
PHONE_TEMPLATES := etc/phone/SEP.cnf.xml etc/phone/XMLDefault.cnf.xml

$(B)/services/phone_templates.c: $(PHONE_TEMPLATES) tools/embed-texts
	@mkdir -p $(dir $@)
	tools/embed-texts services/phone_templates_priv.h \
	 phone_template_device=etc/phone/SEP.cnf.xml \
	 phone_template_default=etc/phone/XMLDefault.cnf.xml > $@.$$$$ && \
	 mv $@.$$$$ $@

$(B)/services/phone_templates.o: $(B)/services/phone_templates.c \
 services/phone_templates_priv.h
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(DEPFLAGS) -c -o $@ $<

$(B)/libservices.a: $(B)/services/phone_templates.o
# ---------------------------------------------------------------------------

define program
$(B)/$(call program_of,$(1)): $(patsubst %.c,$(B)/%.o,$(1)) $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $$@ $$< $(ARCHIVES) $(LIBS)
endef
$(foreach m,$(MAINS),$(eval $(call program,$(m))))

# --- unit tests ------------------------------------------------------------
# Always sanitized, but for the measuring of their coverage.  A test links
# the archive of its own directory and of those right of it, and nothing
# above: an upward call is a link error.

UNIT_SOURCES := $(sort $(wildcard tests/unit/*/test_*.c))
FAKE_SOURCES := $(wildcard tests/fakes/*.c)
UNITS := $(patsubst %.c,$(B)/%,$(UNIT_SOURCES))

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
archives_of = $(foreach d,$(below_$(notdir $(patsubst %/,%,$(dir $(1))))),$(B)/lib$(d).a)

ifneq ($(filter 1,$(SAN) $(COVER)),)
$(B)/libfakes.a: $(patsubst %.c,$(B)/%.o,$(FAKE_SOURCES))
	@rm -f $@
	ar rcs $@ $^

define unit
$(patsubst %.c,$(B)/%,$(1)): $(patsubst %.c,$(B)/%.o,$(1)) $(B)/libfakes.a \
 $(call archives_of,$(1))
	$(CC) $(LDFLAGS) -o $$@ $$^ $(B)/libfakes.a $(call archives_of,$(1)) \
	 $(LIBS) -lcmocka
endef
$(foreach u,$(UNIT_SOURCES),$(eval $(call unit,$(u))))

units: $(UNITS)
else
units:
	$(MAKE) SAN=1 units
endif

unit:
	$(MAKE) SAN=1 build-asan/tests/unit/$(T)
	./build-asan/tests/unit/$(T)

# --- fuzz targets ----------------------------------------------------------
# tests/fuzz/fuzz_X.c has an LLVMFuzzerTestOneInput(), tests/fuzz/corpus/X/
# its inputs.  make check feeds it the corpus, built by gcc with the main()
# of replay.c; make fuzz lets libFuzzer look for more.

FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/replay_%,$(FUZZ_SOURCES))
FUZZERS := $(patsubst %.c,$(B)/%,$(FUZZ_SOURCES))

ifeq ($(SAN),1)
$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(ARCHIVES) $(LIBS)

replays: $(REPLAYS)
else
replays:
	$(MAKE) SAN=1 replays
endif

ifeq ($(FUZZ),1)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(ARCHIVES) $(LIBS)

fuzzers: $(FUZZERS)
endif

fuzz:
	tools/install-deps lint
	$(MAKE) -j$(JOBS) FUZZ=1 fuzzers
	tools/fuzz $(FUZZ_S)

# --- what the system tests use beside the programs --------------------------
$(B)/tests/system/inject_syscall: $(B)/tests/system/inject_syscall.o
	$(CC) $(LDFLAGS) -o $@ $<

# Phones by the thousand, for the system tests and for make bench.
$(B)/bench-tftp: $(B)/tests/bench/bench_tftp.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

$(B)/bench-tvs: $(B)/tests/bench/bench_tvs.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

system-tools: $(B)/tests/system/inject_syscall $(B)/bench-tftp $(B)/bench-tvs

# --- what make bench uses beside the programs -------------------------------
$(B)/bench-fanout: $(B)/tests/bench/bench_fanout.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

$(B)/bench-sign: $(B)/tests/bench/bench_sign.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

$(B)/bench-store: $(B)/tests/bench/bench_store.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

# --- what people and CI ask for --------------------------------------------
# Each installs its own packages first, so the rest runs in a make of its own.

root = @[ "$$(id -u)" -eq 0 ] || \
 { echo "this needs root: sudo make $@" >&2; exit 1; }

deps:
	tools/install-deps

check:
	$(root)
	@tools/install-deps
	@$(MAKE) --no-print-directory -s -j$(JOBS) all system-tools
	@$(MAKE) --no-print-directory -s -j$(JOBS) SAN=1 units replays
	@tools/run-tests

check-san:
	$(root)
	@tools/install-deps
	@$(MAKE) --no-print-directory -s -j$(JOBS) SAN=1 all system-tools
	@BUILD_DIR=build-asan tools/run-tests system

# Ends at the publisher's prompt on a terminal, else says how to log in.
lab:
	$(root)
	@tools/install-deps
	@[ -x $(B)/ucmsh ] || echo "building the programs: about a minute"
	@$(MAKE) --no-print-directory -s -j$(JOBS) all
	@tools/lab up
	@if [ -t 0 ] && [ -t 1 ]; then exec tools/lab console test10pub; fi

lab-down:
	$(root)
	@tools/lab down

bench:
	$(root)
	@tools/install-deps bench
	@$(MAKE) --no-print-directory -s -j$(JOBS) all build/bench-fanout \
	 build/bench-sign build/bench-store build/bench-tftp build/bench-tvs
	@tools/bench

lint:
	@tools/install-deps lint
	@$(MAKE) --no-print-directory -s build/db/schema_sql.c
	@DEFINES='$(DEFINES)' tools/lint

cover:
	@$(MAKE) --no-print-directory -s -j$(JOBS) COVER=1 units
	@tools/cover

MANUALS := $(wildcard doc/*.[1-8])

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/ucmsh
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	umask 022 && cp -R etc/. $(DESTDIR)$(PREFIX)/share/ucmsh
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system etc/*.service
	for m in $(MANUALS); do \
		install -D -m 644 -t \
		    $(DESTDIR)$(PREFIX)/share/man/man$${m##*.} $$m || exit 1; \
	done

clean:
	rm -rf build build-asan build-fuzz build-cover

.PHONY: all units unit replays fuzzers fuzz system-tools deps check check-san \
 lab lab-down bench lint cover install clean

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)

# rhythm: build, test, install.
#
#   make                    everything in place: bin/rhythm-token, lib/rhythm-net
#   make check              the unit tests, then every scenario (scripts/test does more)
#   make install            PREFIX=/usr/local DESTDIR=   install-strip: without symbols
#   make uninstall          removes what install puts there, file by file
#   make sandbox            the local issuer and API; install-sandbox, uninstall-sandbox
#   make dist               the last commit as build/rhythm-VERSION.tar.gz, the same bytes each time
#   make O=DIR SANITIZE=1   another tree of objects, here with ASan and UBSan
#   make PLATFORM=posix     with the second form of what only Linux can do
#   make STATIC=            a dynamically linked front
#   make front CC=musl-gcc O=DIR   the front alone: another C library may have no libcurl

# GNU make skips this; for another one the first line is a rule, and the second the end.
ifdef not.GNU.make:
.error rhythm needs GNU make, which may be called gmake here
endif

PREFIX ?= /usr/local
DESTDIR ?=
O ?= build
PKG_CONFIG ?= pkg-config
STRIP ?= strip
ZSH_FUNCTIONS ?= share/zsh/site-functions

# The version's one home is a program that runs as it lies here.
VERSION := $(shell sed -n 's/^readonly version=//p' bin/rhythm-get)
$(if $(VERSION),,$(error bin/rhythm-get has no line readonly version=))

# One word of the shell's, whatever is in it; the same as a string in C.
quote = '$(subst ','\'',$(1))'
string = "$(subst ",\",$(subst \,\\,$(1)))"

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow
WERROR ?= -Werror
CFLAGS ?= -O2 -g
ifdef SANITIZE
HARDEN := -fsanitize=address,undefined $(if $(FUZZ),-fsanitize=fuzzer-no-link) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_LINK := $(HARDEN)
else ifneq ($(filter-out clean dist uninstall uninstall-sandbox version,$(or $(MAKECMDGOALS),all)),)
# FORTIFY, HARDEN, HARDEN_LINK, PIE and STATIC: what this compiler and linker take.
-include $(O)/toolchain.mk
endif
# All is POSIX.1-2008 but for one room; PLATFORM=posix builds that one so too. Tests may know more.
FEATURES = -D_POSIX_C_SOURCE=200809L
$(O)/base/platform.o: FEATURES = $(if $(filter posix,$(PLATFORM)),-D_POSIX_C_SOURCE=200809L -DPLATFORM_POSIX,-D_GNU_SOURCE)
# realpath is POSIX.1-2008's since that issue, but C libraries still show it as the X/Open extension that it was.
$(O)/base/trust.o: FEATURES += -D_XOPEN_SOURCE=700
$(O)/unit/% $(O)/fuzz/%: FEATURES = -D_GNU_SOURCE
BUILD_CFLAGS = -std=c11 $(FEATURES) $(WARNINGS) $(WERROR) $(CPPFLAGS) $(CFLAGS) $(FORTIFY) $(HARDEN) -Ilib \
  -DRHYTHM_VERSION='"$(VERSION)"' -DRHYTHM_LIBDIR=$(call quote,$(call string,$(PREFIX)/lib/rhythm)) -MMD -MP
BUILD_LDFLAGS = $(LDFLAGS) $(HARDEN_LINK)

# A folder of lib/ is a room of one program; see lib/README.md. base/ is in both.
room = $(patsubst lib/%.c,$(O)/%.o,$(wildcard $(1:%=lib/%/*.c)))
NET_PACKAGES := libcurl libjwt jansson libcrypto
FRONT_OBJECTS := $(O)/rhythm-token.o $(call room,base token)
NET_OBJECTS := $(O)/rhythm-net.o $(call room,base net pages)

# In place for the usual build; beside its objects for any other.
ifeq ($(O),build)
FRONT_PROGRAM := bin/rhythm-token
NET_PROGRAM := lib/rhythm-net
else
FRONT_PROGRAM := $(O)/rhythm-token
NET_PROGRAM := $(O)/rhythm-net
endif

all: $(FRONT_PROGRAM) $(NET_PROGRAM)
front: $(FRONT_PROGRAM)

$(FRONT_PROGRAM): $(FRONT_OBJECTS)
	$(CC) $(CFLAGS) $(BUILD_LDFLAGS) $(or $(STATIC),$(PIE)) -o $@ $^

$(NET_PROGRAM): $(NET_OBJECTS)
	$(CC) $(CFLAGS) $(BUILD_LDFLAGS) $(PIE) -o $@ $^ $$($(PKG_CONFIG) --libs $(NET_PACKAGES))

# Objects depend on the flags too: a change of PREFIX or CFLAGS builds anew. Expanded here and now (:=), because a file that
# is made for an object's sake would otherwise see that object's own BUILD_CFLAGS, and differ from one goal to the next.
FLAGS := $(O)/flags
$(FLAGS): kept := $(PLATFORM) $(CC) $(BUILD_CFLAGS) $(BUILD_LDFLAGS) $(STATIC)
$(O)/toolchain: kept := $(CC) $(CFLAGS) $(LDFLAGS)
$(FLAGS) $(O)/toolchain: force
	@mkdir -p $(O)
	@printf '%s\n' $(call quote,$(kept)) | cmp -s - $@ || printf '%s\n' $(call quote,$(kept)) > $@

$(O)/toolchain.mk: scripts/ask-compiler $(O)/toolchain
	@CC=$(call quote,$(CC)) CFLAGS=$(call quote,$(CFLAGS)) LDFLAGS=$(call quote,$(LDFLAGS)) \
	  ./scripts/ask-compiler > $@

$(O)/rhythm-token.o: bin/rhythm-token.c $(FLAGS)
	$(CC) $(BUILD_CFLAGS) -c -o $@ $<

$(O)/rhythm-net.o $(call room,net pages): BUILD_CFLAGS += $(shell $(PKG_CONFIG) --cflags $(NET_PACKAGES) 2>/dev/null)
$(O)/%.o: lib/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -c -o $@ $<

# The issuer's refusals, as the rows of an array in C.
$(O)/net/issuer.o: BUILD_CFLAGS += -I$(O)/net
$(O)/net/issuer.o: $(O)/net/refusals.h
$(O)/net/refusals.h: lib/check/refusals.tsv
	@mkdir -p $(@D)
	awk -F '\t' '!/^#/ { printf "{%s, %s, \"%s\", \"%s\", %s,\n \"%s\"},\n", $$1 == "-" ? 0 : $$1, $$2 == "-" ? "NULL" : "\"" $$2 "\"", \
	  $$3 == "-" ? "" : $$3, $$4, $$5, $$6 }' $< > $@.new
	mv $@.new $@

# The unit tests: tests/unit/test_ROOM.c, one program each, printing TAP.
TESTED_OBJECTS := $(call room,base token net pages)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
unit: $(UNIT_TESTS:%=$(O)/unit/%)
	@status=0; for test in $^; do CMOCKA_MESSAGE_OUTPUT=TAP $$test || status=1; done; exit $$status

$(O)/unit/%: tests/unit/%.c $(TESTED_OBJECTS) $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -Itests/unit -o $@ $< $(filter %.o,$^) $(BUILD_LDFLAGS) \
	  $$($(PKG_CONFIG) --libs $(NET_PACKAGES)) -lcmocka

# The fuzzers: tests/fuzz/fuzz_NAME.c, one program each; with CC=clang SANITIZE=1 FUZZ=1. Their rooms come in an archive, so
# that one which brings a room itself does not meet it twice.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZERS:%=$(O)/fuzz/%)

$(O)/rooms.a: $(TESTED_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(O)/fuzz/%: tests/fuzz/fuzz_%.c $(O)/rooms.a $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -fsanitize=fuzzer -o $@ $< $(O)/rooms.a $(BUILD_LDFLAGS) $$($(PKG_CONFIG) --libs $(NET_PACKAGES))

check: all
	./scripts/test --quick

# What is installed, as TO:FROM with TO below PREFIX; what may be run there, FROM says. Both install and uninstall go through
# this list. Parts are what the folders of lib/ hold besides C.
COMMANDS := $(patsubst bin/%.1,%,$(wildcard bin/*.1))
MANUALS := $(wildcard bin/*.[1-9] lib/*/*.[1-9])
FOLDERS := $(patsubst %/.,%,$(wildcard lib/*/*/.))
PARTS := $(filter-out %.c %.h %.md %~ $(MANUALS) $(FOLDERS),$(wildcard lib/*/* lib/*/*/*))
manual = share/man/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1)):$(1)

# fish looks below /usr/local where XDG_DATA_DIRS says so, as on a desktop; in a login on a console or through ssh nothing
# does. There it finds what the administrator put into /etc.
ifeq ($(PREFIX),/usr/local)
FISH_IN_ETC := $(if $(DESTDIR)$(shell test ! -w /etc || echo yes),../../etc/fish/completions)
endif

INSTALLED := bin/rhythm-token:$(FRONT_PROGRAM) lib/rhythm/rhythm-net:$(NET_PROGRAM) \
  $(foreach command,$(filter-out rhythm-token,$(COMMANDS)),bin/$(command):bin/$(command)) \
  lib/rhythm/update-catalogue:scripts/update-catalogue \
  $(foreach part,$(PARTS),$(part:lib/%=lib/rhythm/%):$(part)) \
  $(foreach page,$(MANUALS),$(call manual,$(page))) \
  $(foreach command,$(COMMANDS),share/bash-completion/completions/$(command):completions/rhythm.bash \
    share/fish/vendor_completions.d/$(command).fish:completions/rhythm.fish \
    $(addsuffix /$(command).fish:completions/rhythm.fish,$(FISH_IN_ETC))) \
  $(ZSH_FUNCTIONS)/_rhythm:completions/_rhythm
INSTALLED_SANDBOX := bin/rhythm-sandbox:$(O)/rhythm-sandbox \
  $(foreach page,$(wildcard tests/sandbox/*.[1-9]),$(call manual,$(page)))

ROOT = $(call quote,$(DESTDIR)$(PREFIX))

define INSTALL
@set -eu; umask 022; root=$(ROOT); \
for file in $(files); do \
  to=$$root/$${file%%:*} from=$${file#*:} mode=644; \
  if [ -x "$$from" ]; then mode=755; fi; \
  install -d "$${to%/*}"; install -m "$$mode" "$$from" "$$to"; \
done
endef

# Our own folders go too, once they are empty.
define UNINSTALL
@set -eu; root=$(ROOT); \
for file in $(files); do \
  to=$${file%%:*}; rm -f "$$root/$$to"; \
  while to=$${to%/*}; case $$to in lib/rhythm*) ;; *) false ;; esac; do \
    rmdir "$$root/$$to" 2>/dev/null || break; \
  done; \
done
endef

install uninstall: files = $(INSTALLED)
install: $(FRONT_PROGRAM) $(NET_PROGRAM)
	$(INSTALL)
install-strip: install
	$(STRIP) $(ROOT)/bin/rhythm-token $(ROOT)/lib/rhythm/rhythm-net
uninstall:
	$(UNINSTALL)

install-sandbox uninstall-sandbox: files = $(INSTALLED_SANDBOX)
install-sandbox: sandbox
	$(INSTALL)
uninstall-sandbox:
	$(UNINSTALL)

DIST := rhythm-$(VERSION)
dist:
	@git rev-parse --verify -q HEAD >/dev/null 2>&1 || { \
	  echo 'make dist: the tarball is made from a git checkout, and this is none' >&2; exit 1; }
	@mkdir -p $(O)
	@git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix=$(DIST)/ -o $(O)/$(DIST).tar HEAD
	@gzip -9 -n -f $(O)/$(DIST).tar
	@echo $(O)/$(DIST).tar.gz

version:
	@echo $(VERSION)

clean:
	rm -rf build bin/rhythm-token lib/rhythm-net

force:
.PHONY: all front unit fuzzers check install install-strip uninstall install-sandbox uninstall-sandbox dist version clean force
.DELETE_ON_ERROR:

include tests/sandbox/sandbox.mk
-include $(wildcard $(O)/*.d $(O)/*/*.d)

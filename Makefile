# rhythm: build, test, install.
#
#   make                    builds in place: bin/rhythm-token, lib/rhythm-net, lib/rhythm-jwt
#   make check              runs the unit tests and the scenarios (scripts/test does more)
#   make install            PREFIX=/usr/local DESTDIR=   install-strip: without symbols
#   make uninstall          removes the installed files, one by one
#   make sandbox            builds the local issuer and API; also install-sandbox, uninstall-sandbox
#   make dist               packs the last commit as build/rhythm-VERSION.tar.gz, reproducibly
#   make O=DIR SANITIZE=1   builds in DIR, here with ASan and UBSan
#   make PLATFORM=posix     replaces what only Linux has by POSIX alone
#   make STATIC=            links the front, rhythm-token, dynamically
#   make front CC=musl-gcc O=DIR   builds only the front: another C library may have no libcurl

# GNU make skips this. To another make, the first line is a rule, and the second an error.
ifdef not.GNU.make:
.error rhythm needs GNU make, which may be called gmake here
endif

PREFIX ?= /usr/local
DESTDIR ?=
O ?= build
PKG_CONFIG ?= pkg-config
STRIP ?= strip
ZSH_FUNCTIONS ?= share/zsh/site-functions

# The version is kept in a script that runs without being built.
VERSION := $(shell sed -n 's/^readonly version=//p' bin/rhythm-get)
$(if $(VERSION),,$(error bin/rhythm-get has no line readonly version=))

# quote makes one word for the shell of any text, string a string in C.
quote = '$(subst ','\'',$(1))'
string = "$(subst ",\",$(subst \,\\,$(1)))"

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow
WERROR ?= -Werror
CFLAGS ?= -O2 -g
ifdef SANITIZE
HARDEN := -fsanitize=address,undefined $(if $(FUZZ),-fsanitize=fuzzer-no-link) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_LINK := $(HARDEN)
else ifneq ($(filter-out clean dist uninstall uninstall-sandbox version,$(or $(MAKECMDGOALS),all)),)
# Sets FORTIFY, HARDEN, HARDEN_LINK, PIE and STATIC to what this compiler and linker support.
-include $(O)/toolchain.mk
endif
# Everything is POSIX.1-2008 except base/platform.c; PLATFORM=posix builds that so too. Tests may use GNU extensions.
FEATURES = -D_POSIX_C_SOURCE=200809L
$(O)/base/platform.o: FEATURES = $(if $(filter posix,$(PLATFORM)),-D_POSIX_C_SOURCE=200809L -DPLATFORM_POSIX,-D_GNU_SOURCE)
# realpath is in POSIX.1-2008, but C libraries still declare it as the X/Open extension that it was before.
$(O)/base/trust.o: FEATURES += -D_XOPEN_SOURCE=700
BUILD_CFLAGS = -std=c11 $(FEATURES) $(WARNINGS) $(WERROR) $(CPPFLAGS) $(CFLAGS) $(FORTIFY) $(HARDEN) -Ilib \
  -DRHYTHM_VERSION='"$(VERSION)"' -DRHYTHM_LIBDIR=$(call quote,$(call string,$(PREFIX)/lib/rhythm)) -MMD -MP
BUILD_LDFLAGS = $(LDFLAGS) $(HARDEN_LINK)

# Which folders of lib/ each program consists of; see lib/README.md.
room = $(patsubst lib/%.c,$(O)/%.o,$(wildcard $(1:%=lib/%/*.c)))
JWT_PACKAGES := libjwt jansson libcrypto
NET_PACKAGES := libcurl $(JWT_PACKAGES)
FRONT_OBJECTS := $(O)/rhythm-token.o $(call room,base token)
JWT_OBJECTS := $(O)/rhythm-jwt.o $(call room,base jwt)
NET_OBJECTS := $(O)/rhythm-net.o $(call room,base jwt net pages)

# The usual build puts the programs in place, any other puts them into O.
ifeq ($(O),build)
FRONT_PROGRAM := bin/rhythm-token
NET_PROGRAM := lib/rhythm-net
JWT_PROGRAM := lib/rhythm-jwt
else
FRONT_PROGRAM := $(O)/rhythm-token
NET_PROGRAM := $(O)/rhythm-net
JWT_PROGRAM := $(O)/rhythm-jwt
endif

all: $(FRONT_PROGRAM) $(NET_PROGRAM) $(JWT_PROGRAM)
front: $(FRONT_PROGRAM)

$(FRONT_PROGRAM): $(FRONT_OBJECTS)
	$(CC) $(CFLAGS) $(BUILD_LDFLAGS) $(or $(STATIC),$(PIE)) -o $@ $^

$(NET_PROGRAM): $(NET_OBJECTS)
	$(CC) $(CFLAGS) $(BUILD_LDFLAGS) $(PIE) -o $@ $^ $$($(PKG_CONFIG) --libs $(NET_PACKAGES))

$(JWT_PROGRAM): $(JWT_OBJECTS)
	$(CC) $(CFLAGS) $(BUILD_LDFLAGS) $(PIE) -o $@ $^ $$($(PKG_CONFIG) --libs $(JWT_PACKAGES))

# Objects depend on the flags too, so a change of PREFIX or CFLAGS rebuilds them. The value is expanded at once (:=): otherwise
# an object's own BUILD_CFLAGS would also apply to its prerequisites, and the file would differ from one goal to the next.
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

$(O)/rhythm-net.o $(O)/rhythm-jwt.o $(call room,jwt net pages): BUILD_CFLAGS += $(shell $(PKG_CONFIG) --cflags $(NET_PACKAGES) 2>/dev/null)
$(O)/%.o: lib/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -c -o $@ $<

# Makes refusals.h, the issuer's refusals as the rows of an array in C.
$(O)/net/issuer.o: BUILD_CFLAGS += -I$(O)/net
$(O)/net/issuer.o: $(O)/net/refusals.h
$(O)/net/refusals.h: lib/check/refusals.tsv
	@mkdir -p $(@D)
	awk -F '\t' '!/^#/ { printf "{%s, %s, \"%s\", \"%s\", %s,\n \"%s\"},\n", $$1 == "-" ? 0 : $$1, $$2 == "-" ? "NULL" : "\"" $$2 "\"", \
	  $$3 == "-" ? "" : $$3, $$4, $$5, $$6 }' $< > $@.new
	mv $@.new $@

# The unit tests: tests/unit/test_ROOM.c, one program each, printing TAP.
TESTED_OBJECTS := $(call room,base token jwt net pages)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
unit: $(UNIT_TESTS:%=$(O)/unit/%)
	@status=0; for test in $^; do CMOCKA_MESSAGE_OUTPUT=TAP $$test || status=1; done; exit $$status

$(O)/unit/%: tests/unit/%.c $(TESTED_OBJECTS) $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -D_GNU_SOURCE -Itests/unit -o $@ $< $(filter %.o,$^) $(BUILD_LDFLAGS) \
	  $$($(PKG_CONFIG) --libs $(NET_PACKAGES)) -lcmocka

# The fuzzers: tests/fuzz/fuzz_NAME.c, one program each; build with CC=clang SANITIZE=1 FUZZ=1. They link an archive, so that a
# fuzzer that includes a source file itself does not get its functions twice.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZERS:%=$(O)/fuzz/%)

$(O)/rooms.a: $(TESTED_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(O)/fuzz/%: tests/fuzz/fuzz_%.c $(O)/rooms.a $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -D_GNU_SOURCE -fsanitize=fuzzer -o $@ $< $(O)/rooms.a $(BUILD_LDFLAGS) $$($(PKG_CONFIG) --libs $(NET_PACKAGES))

check: all
	./scripts/test --quick

# The files that install and uninstall use, as TO:FROM with TO below PREFIX; TO is executable if FROM is. PARTS are the files
# of lib/ that are not C.
COMMANDS := $(patsubst bin/%.1,%,$(wildcard bin/*.1))
MANUALS := $(wildcard bin/*.[1-9] lib/*/*.[1-9])
FOLDERS := $(patsubst %/.,%,$(wildcard lib/*/*/.))
PARTS := $(filter-out %.c %.h %.md %~ $(MANUALS) $(FOLDERS),$(wildcard lib/*/* lib/*/*/*))
manual = share/man/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1)):$(1)

# fish reads /usr/local only if XDG_DATA_DIRS names it, as on a desktop. After a login on a console or through ssh nothing sets
# that, so the completions go to /etc too.
ifeq ($(PREFIX),/usr/local)
FISH_IN_ETC := $(if $(DESTDIR)$(shell test ! -w /etc || echo yes),../../etc/fish/completions)
endif

INSTALLED := bin/rhythm-token:$(FRONT_PROGRAM) lib/rhythm/rhythm-net:$(NET_PROGRAM) lib/rhythm/rhythm-jwt:$(JWT_PROGRAM) \
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

# Removes our own folders too, once they are empty.
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
install: $(FRONT_PROGRAM) $(NET_PROGRAM) $(JWT_PROGRAM)
	$(INSTALL)
install-strip: install
	$(STRIP) $(ROOT)/bin/rhythm-token $(ROOT)/lib/rhythm/rhythm-net $(ROOT)/lib/rhythm/rhythm-jwt
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
	  echo 'make dist: not a git checkout; run it in one' >&2; exit 1; }
	@mkdir -p $(O)
	@git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix=$(DIST)/ -o $(O)/$(DIST).tar HEAD
	@gzip -9 -n -f $(O)/$(DIST).tar
	@echo $(O)/$(DIST).tar.gz

version:
	@echo $(VERSION)

clean:
	rm -rf build bin/rhythm-token lib/rhythm-net lib/rhythm-jwt

force:
.PHONY: all front unit fuzzers check install install-strip uninstall install-sandbox uninstall-sandbox dist version clean force
.DELETE_ON_ERROR:

include tests/sandbox/sandbox.mk
-include $(wildcard $(O)/*.d $(O)/*/*.d)

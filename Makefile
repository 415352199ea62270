# rhythm: build, test, install.
#
#   make                    everything in place: bin/rhythm-token, lib/rhythm-net
#   make check              the unit tests, then every scenario (scripts/test does more)
#   make install            PREFIX=/usr/local DESTDIR=
#   make O=DIR SANITIZE=1   another tree of objects, here with ASan and UBSan
#   make STATIC=            a dynamically linked front

PREFIX ?= /usr/local
DESTDIR ?=
O ?= build
VERSION := 1.0.0
LIBDIR := $(PREFIX)/lib/rhythm
PKG_CONFIG ?= pkg-config

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
CFLAGS ?= -O2 -g
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
STATIC ?= -static-pie -Wl,-z,pack-relative-relocs
ifdef SANITIZE
HARDEN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
STATIC :=
endif
BUILD_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(HARDEN) -Ilib \
  -DRHYTHM_VERSION='"$(VERSION)"' -DRHYTHM_LIBDIR='"$(LIBDIR)"' -MMD -MP
BUILD_LDFLAGS = $(LDFLAGS) $(HARDEN) -Wl,-z,relro,-z,now

# A folder of lib/ is a room of one program; see lib/README.md. base/ is in both.
room = $(patsubst lib/%.c,$(O)/%.o,$(wildcard $(1:%=lib/%/*.c)))
NET_PACKAGES := libcurl libjwt jansson libcrypto
FRONT_OBJECTS := $(O)/rhythm-token.o $(call room,base token)
NET_OBJECTS := $(call room,base token net pages)

# In place for the usual build; beside its objects for any other.
ifeq ($(O),build)
FRONT_PROGRAM := bin/rhythm-token
NET_PROGRAM := lib/rhythm-net
else
FRONT_PROGRAM := $(O)/rhythm-token
NET_PROGRAM := $(O)/rhythm-net
endif

all: $(FRONT_PROGRAM) $(NET_PROGRAM)

$(FRONT_PROGRAM): $(FRONT_OBJECTS)
	$(CC) $(BUILD_LDFLAGS) $(if $(STATIC),$(STATIC),$(if $(SANITIZE),,-pie)) -o $@ $^

$(NET_PROGRAM): $(NET_OBJECTS)
	$(CC) $(BUILD_LDFLAGS) $(if $(SANITIZE),,-pie) -o $@ $^ $$($(PKG_CONFIG) --libs $(NET_PACKAGES))

# Objects depend on the flags too: a change of PREFIX or CFLAGS builds anew.
FLAGS := $(O)/flags
$(FLAGS): force
	@mkdir -p $(O)
	@printf '%s\n' '$(subst ','\'',$(CC) $(BUILD_CFLAGS))' | cmp -s - $@ || \
	  printf '%s\n' '$(subst ','\'',$(CC) $(BUILD_CFLAGS))' > $@

$(O)/rhythm-token.o: bin/rhythm-token.c $(FLAGS)
	$(CC) $(BUILD_CFLAGS) -c -o $@ $<

$(call room,net pages): BUILD_CFLAGS += $(shell $(PKG_CONFIG) --cflags $(NET_PACKAGES) 2>/dev/null)
$(O)/%.o: lib/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -c -o $@ $<

# The unit tests: tests/unit/test_ROOM.c, one program each, printing TAP.
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
unit: $(UNIT_TESTS:%=$(O)/unit/%)
	@status=0; for test in $^; do CMOCKA_MESSAGE_OUTPUT=TAP $$test || status=1; done; exit $$status

$(O)/unit/%: tests/unit/%.c $(filter-out $(O)/net/main.o,$(NET_OBJECTS)) $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(BUILD_CFLAGS) -Itests/unit -o $@ $< $(filter %.o,$^) $(BUILD_LDFLAGS) \
	  $$($(PKG_CONFIG) --libs $(NET_PACKAGES)) -lcmocka

check: all
	./scripts/test --quick

BIN := $(DESTDIR)$(PREFIX)/bin
INTERNAL := $(DESTDIR)$(LIBDIR)
SHARE := $(DESTDIR)$(PREFIX)/share
BASH_COMPLETIONS := $(SHARE)/bash-completion/completions
FISH_COMPLETIONS := $(SHARE)/fish/vendor_completions.d
SHELL_ROOMS := get check
COMMANDS := rhythm-token rhythm-get rhythm-check

install: $(FRONT_PROGRAM) $(NET_PROGRAM)
	install -d $(BIN) $(INTERNAL) $(SHARE)/man/man1 $(BASH_COMPLETIONS) \
	  $(SHARE)/zsh/site-functions $(FISH_COMPLETIONS)
	install -m 755 $(FRONT_PROGRAM) $(BIN)/rhythm-token
	install -m 755 bin/rhythm-get bin/rhythm-check $(BIN)
	install -m 755 $(NET_PROGRAM) $(INTERNAL)/rhythm-net
	install -m 755 scripts/update-catalogue $(INTERNAL)
	install -d $(SHELL_ROOMS:%=$(INTERNAL)/%)
	for room in $(SHELL_ROOMS); do install -m 644 lib/$$room/* $(INTERNAL)/$$room; done
	install -m 644 $(COMMANDS:%=bin/%.1) $(SHARE)/man/man1
	for command in $(COMMANDS); do \
	  install -m 644 completions/rhythm.bash $(BASH_COMPLETIONS)/$$command; \
	  install -m 644 completions/rhythm.fish $(FISH_COMPLETIONS)/$$command.fish; \
	done
	install -m 644 completions/_rhythm $(SHARE)/zsh/site-functions/_rhythm

uninstall:
	rm -rf $(INTERNAL) $(SHARE)/zsh/site-functions/_rhythm
	for command in $(COMMANDS); do \
	  rm -f $(BIN)/$$command $(SHARE)/man/man1/$$command.1 $(BASH_COMPLETIONS)/$$command \
	    $(FISH_COMPLETIONS)/$$command.fish; \
	done

clean:
	rm -rf build bin/rhythm-token lib/rhythm-net

force:
.PHONY: all unit check install uninstall clean force
.DELETE_ON_ERROR:

include tests/sandbox/sandbox.mk
-include $(wildcard $(O)/*.d $(O)/*/*.d)

# The sandbox: a local issuer and Rhythm API for tests and for trying things out.
# Included by the top Makefile; alone: make -f tests/sandbox/sandbox.mk

O ?= build
PKG_CONFIG ?= pkg-config
SANDBOX_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
SANDBOX_SRC := $(wildcard $(SANDBOX_DIR)*.c)
SANDBOX_OBJ := $(patsubst $(SANDBOX_DIR)%.c,$(O)/sandbox/%.o,$(SANDBOX_SRC))
SANDBOX_WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow
SANDBOX_CFLAGS ?= -O2 -g
SANDBOX_PKGS := libmicrohttpd jansson libcrypto

# libjwt 1.x signs the ordinary tokens; 3.x has another API, and libcrypto signs alone there.
SANDBOX_LIBJWT := $(shell $(PKG_CONFIG) --exists 'libjwt < 2' && echo libjwt)
SANDBOX_LIBS = $(shell $(PKG_CONFIG) --libs $(SANDBOX_PKGS) $(SANDBOX_LIBJWT)) -lpthread
SANDBOX_CPP = -D_POSIX_C_SOURCE=200809L $(if $(PREFIX),-DSANDBOX_LIBDIR=$(call quote,$(call string,$(PREFIX)/lib/rhythm))) \
	$(if $(VERSION),-DSANDBOX_VERSION='"$(VERSION)"') $(if $(SANDBOX_LIBJWT),-DSANDBOX_LIBJWT) \
	$(shell $(PKG_CONFIG) --cflags $(SANDBOX_PKGS) $(SANDBOX_LIBJWT))

# As in the top Makefile: one word of the shell's, and a string in C.
quote ?= '$(subst ','\'',$(1))'
string ?= "$(subst ",\",$(subst \,\\,$(1)))"

.PHONY: sandbox
sandbox: $(O)/rhythm-sandbox $(O)/catalogue.tsv

$(O)/rhythm-sandbox: $(SANDBOX_OBJ)
	$(CC) $(SANDBOX_CFLAGS) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)

$(O)/sandbox/%.o: $(SANDBOX_DIR)%.c $(wildcard $(SANDBOX_DIR)*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(SANDBOX_WARN) $(SANDBOX_CPP) $(SANDBOX_CFLAGS) -c -o $@ $<

# The sandbox knows the calls that rhythm-get knows; installed, it reads the installed one.
$(O)/catalogue.tsv: $(SANDBOX_DIR)../../lib/get/catalogue.tsv
	@mkdir -p $(@D)
	cp $< $@

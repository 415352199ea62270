#ifndef RHYTHM_JWT_SEAL_H
#define RHYTHM_JWT_SEAL_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * seal: what a shared store may see of a token: a digest as its name, and encrypted bytes.
 *
 * An entry is 1.CHECK.NONCE.BYTES, all but the first in hexadecimal. BYTES are encrypted with
 * AES-256-GCM (NIST SP 800-38D), followed by the tag, under a key derived from the client secret by
 * HKDF-SHA256 (RFC 5869); the identity's digest is authenticated with them, so that no entry can
 * replace another identity's. They contain the token, when it was requested by the store's clock, its
 * life, and the format's version. CHECK is derived from the secret under another label: it tells an
 * entry of another secret from one that was changed, and reveals nothing about either secret.
 */

/* The request has identity= and issuer= as texts; the answer gets their digests: identity= customer=. */
int seal_digest(const struct attributes *request, struct buffer *answer);

/*
 * The request has client_secret=, identity= (a digest), token=, stored_at= (seconds of the store's
 * clock) and life= (seconds); the answer gets entry=.
 */
int seal_close(const struct attributes *request, struct buffer *answer);

/*
 * The request has client_secret=, identity= (a digest), entry= and now= (the store's clock). The
 * answer gets token=, stored_at=, life= and what claims_put_decoded puts; or only refused=, to
 * complete "the token in the shared cache ...".
 */
int seal_open(const struct attributes *request, struct buffer *answer);

#endif

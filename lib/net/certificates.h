#ifndef RHYTHM_NET_CERTIFICATES_H
#define RHYTHM_NET_CERTIFICATES_H

#include "base/buffer.h"

/*
 * certificates: which certificate authorities a connection trusts.
 *
 * The system keeps them twice: as a bundle, which OpenSSL reads whole (with Debian's 145 that is
 * nearly nine tenths of a call's instructions), and as a directory in which each is found by the
 * hash of its name (X509_LOOKUP_hash_dir). If libcurl trusts both anyway, only the directory is used,
 * and a server whose issuer it lacks is tried once more with the bundle.
 */
struct certificates {
    const char *file;      /* NULL: none */
    const char *directory; /* NULL: none */
    int is_default;        /* 1: both are libcurl's own */
};

/*
 * Chooses as curl does: the configured bundle alone, else CURL_CA_BUNDLE, SSL_CERT_DIR and
 * SSL_CERT_FILE, else the defaults, of which default_directory (NULL: there is none) is enough if
 * it contains hashed names. The strings belong to the caller and to the environment.
 */
struct certificates certificates_choose(const char *ca_bundle, const char *default_directory);

/* Appends the path of one certificate in the directory that has a hashed name. 0, or -1. */
int certificates_find_hashed(const char *directory, struct buffer *path);

#endif

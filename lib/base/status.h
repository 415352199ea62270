#ifndef RHYTHM_BASE_STATUS_H
#define RHYTHM_BASE_STATUS_H

/*
 * status: the exit statuses of every rhythm command; the meanings are those of <sysexits.h>.
 */

enum status {
    STATUS_OK = 0,
    STATUS_INVALID = 1,      /* a check failed, no valid token */
    STATUS_USAGE = 64,       /* the command line is wrong */
    STATUS_BAD_INPUT = 65,   /* not a JWT, a claim missing, a foreign URL */
    STATUS_UNAVAILABLE = 69, /* network, TLS, a helper, the other side down */
    STATUS_BUG = 70,         /* out of memory, a broken installation */
    STATUS_CANNOT_CREATE = 73,
    STATUS_TRY_LATER = 75,
    STATUS_PROTOCOL = 76, /* the other side broke the protocol */
    STATUS_REFUSED = 77,  /* the issuer refused */
    STATUS_CONFIG = 78
};

#endif

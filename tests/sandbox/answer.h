#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

/*
 * An answer: its status, headers and body, and the manner of its sending: whole, cut, byte by byte,
 * never. Date comes from the sandbox's clock. Who makes an answer fills it with these functions and
 * sends nothing; http.c calls answer_send().
 */

#include "http.h"

enum { HEADERS_MAX = 12 };

enum manner { WHOLE, CUT, DRIP, HANG, CLOSE };

struct answer {
    unsigned status;
    const char *type;
    char *body;
    size_t body_len;
    struct {
        const char *name;
        char *value;
    } header[HEADERS_MAX];
    size_t headers;
    enum manner manner;
    bool trailers;                    /* chunked, with a trailer behind the body */
    MHD_ContentReaderCallback reader; /* instead of body, if set */
    MHD_ContentReaderFreeCallback reader_free;
    void *reader_cls;
    uint64_t reader_size;
};

void answer_text(struct answer *a, unsigned status, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Takes over json; NULL (what jansson makes of bytes that are not UTF-8) is answered with 400. */
void answer_json(struct answer *a, unsigned status, json_t *json);
void answer_header(struct answer *a, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Retry-After from its knob, as seconds or as a date. */
void answer_retry_after(struct answer *a, bool as_date);

/*
 * Carry out a fault from FAULTS. True: the answer is done. False: go on and make an answer (the
 * name is none of these, or the fault lies in how that answer will be sent).
 */
bool answer_fault(const struct request *r, struct answer *a, const char *name);

/* Queue the answer on its connection; takes over its body. */
enum MHD_Result answer_send(struct MHD_Connection *c, struct answer *a);

#endif

#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

/*
 * An answer: its status, headers and body, and how it is sent: whole, cut, byte by byte, never. Date
 * comes from the sandbox's clock. Handlers fill an answer with these functions and send nothing;
 * http.c calls answer_send().
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
    bool trailers;                    /* chunked, with a trailer after the body */
    MHD_ContentReaderCallback reader; /* instead of body, if set */
    MHD_ContentReaderFreeCallback reader_free;
    void *reader_cls;
    uint64_t reader_size;
};

void answer_text(struct answer *a, unsigned status, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Takes ownership of json; NULL (jansson's result for invalid UTF-8) is answered with 400. */
void answer_json(struct answer *a, unsigned status, json_t *json);
void answer_header(struct answer *a, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Retry-After from its knob, as seconds or as a date. */
void answer_retry_after(struct answer *a, bool as_date);

/*
 * Apply a fault from FAULTS. True: the answer is done. False: fill in the answer (the name is not a
 * fault, or the fault is in how the answer is sent).
 */
bool answer_fault(const struct request *r, struct answer *a, const char *name);

/* Queue the answer on its connection; takes ownership of its body. */
enum MHD_Result answer_send(struct MHD_Connection *c, struct answer *a);

#endif

#include "batch.h"
#include "gateway.h"

#include <stdlib.h>
#include <string.h>

enum { OPERATIONS_MAX = 100 };

static enum stored run(const struct place *collection, const json_t *operation)
{
    struct place at = *collection;
    const char *op = json_string_value(json_object_get(operation, "op"));
    char *text = NULL;
    enum stored how = STORED_BAD;
    at.id = json_string_value(json_object_get(operation, "id"));
    if (!json_is_object(operation) || (op && strcmp(op, "patch") && strcmp(op, "delete")))
        return STORED_BAD;
    if (!at.id)
        return op ? STORED_BAD : STORED_DONE;
    if (op && !strcmp(op, "delete"))
        return store_delete(&at);
    if (op)
        how = store_patch(&at, json_object_get(operation, "patch"), &text);
    else
        how = (text = store_get(&at, NULL)) ? STORED_DONE : STORED_MISSING;
    free(text);
    return how;
}

static json_t *result_of(const json_t *operation, enum stored how)
{
    static const struct {
        int status;
        const char *error;
    } words[] = {{200, NULL}, {404, "Not Found"}, {400, "Invalid operation"}, {409, "Conflict"}};
    if (knob_is(K_API_BATCH_RESULTS, "bare")) {
        json_t *id = json_object_get(operation, "id");
        return id ? json_incref(id) : json_null();
    }
    return json_pack("{sO*siss*}", "id", json_object_get(operation, "id"), "status",
                     words[how].status, "error", words[how].error);
}

void batch_answer(const struct request *r, struct answer *a, const struct place *at)
{
    json_t *body = json_loadb(r->body, r->body_len, 0, NULL), *results = need(json_array()), *one;
    const json_t *list = json_object_get(body, "operations");
    size_t n = json_array_size(list), i;
    json_int_t failed = 0;
    long long must_fail = knob_number(K_API_BATCH_FAILS);
    json_array_foreach(list, i, one) if (n <= OPERATIONS_MAX)
    {
        enum stored how = (long long)i < must_fail ? STORED_CONFLICT : run(at, one);
        failed += how != STORED_DONE;
        json_array_append_new(results, result_of(one, how));
    }
    if (!json_is_array(list) || n > OPERATIONS_MAX)
        gateway_answer(r, a, "400");
    else
        answer_json(a, 200,
                    json_pack("{sIsIsO}", "error_count", failed, "success_count",
                              (json_int_t)n - failed, "results", results));
    json_decref(results);
    json_decref(body);
}

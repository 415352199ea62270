#ifndef RHYTHM_UNIT_H
#define RHYTHM_UNIT_H

/* What every unit test includes: cmocka with what its header needs before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif

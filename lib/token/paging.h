#ifndef RHYTHM_TOKEN_PAGING_H
#define RHYTHM_TOKEN_PAGING_H

#include "token/acquire.h"

/*
 * paging: rhythm-token's side of rhythm-get --all and NAME=@FILE. rhythm-net does the work
 * (pages/pager.h, pages/calls.h), and asks here whenever it wants the token again: whether a new
 * one is due is decided here.
 *
 *     rhythm-token pages URL [NAME=VALUE ...]
 *
 * The URL must be one that the token may go to. NAME is an attribute of pages/run.h; body_path=FILE
 * replaces body=. With hole= there is a call for each line of standard input.
 */

/*
 * STATUS_OK; 22: the API answered 400 or more; or, reported, as acquire_token, url_build or
 * pages_run. After a signal it waits for the current page and then dies of that signal, unless that
 * was the last page.
 */
int paging_run(struct holder *holder);

#endif

#ifndef RHYTHM_PAGES_PAGER_H
#define RHYTHM_PAGES_PAGER_H

/*
 * pages: follows a list's cursor from page to page and writes one item a line, all on one
 * connection. It is the verb behind rhythm-get --all, not a command for people:
 *
 *     rhythm-net pages -1 -1 OPTION=VALUE... URL
 *
 *     --profile --token   as of rhythm-token, which is asked for the token: at the start, then
 *                         once a minute, and when a page is answered by 401
 *     --method            GET or POST; POST sends the body with every page
 *     --body=FILE         --header=LINE (any number)
 *     --max=N             the end, after N items
 *     --start-key=KEY     where to begin, not encoded
 *     --retries=N         of one page, 3 by default
 *     --progress --quiet --verbose
 *     --error-dir=DIR     where a refusal is left: headers (the status line and the header lines)
 *                         and body, the token blotted out of both, and resume (the line below)
 *     --resume=TEXT       the command without --start-key and --max
 *
 * Pages are written whole or not at all, whatever happens, so the run can be taken up again with
 * the cursor of the first page that was not written. Then the last line on standard error is TEXT
 * with that --start-key and, if --max was given, with what is left of it. Nothing of it is printed
 * when a refusal or a wrong answer comes before any page: repeating that would not help.
 *
 * Exit status: 0 all items, or N; 22 the API answered 400 or more; 64, 65, 69, 70, 73, 76, 78, and
 * whatever rhythm-token says, as everywhere. After SIGHUP, SIGINT or SIGTERM it ends by that signal,
 * and on a closed pipe silently by SIGPIPE, as a shell expects.
 *
 * Never: a redirect followed, a write sent twice (429 excepted), a token sent to a URL that is not
 * below api_base, more memory for more pages.
 */
int pages_run(int argc, char **argv);

#endif

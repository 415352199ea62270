/*
 * rhythm-sandbox: a local issuer and Rhythm API. Options, start and end; the responses are in
 * issuer.c (Auth0), api.c (API Gateway and the services) and control.c (the sandbox itself), what a
 * test can set is in knobs.h.
 */
#define _GNU_SOURCE /* mkdtemp, prctl */
#include "api.h"
#include "control.h"
#include "issuer.h"
#include "keys.h"
#include "queries.h"
#include "routes.h"
#include "store.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SANDBOX_VERSION
#define SANDBOX_VERSION "(unknown version)"
#endif

struct options {
    unsigned port, https_port;
    const char *state_dir, *exports, *catalogue;
    bool die_with_parent;
};

static const char usage[] =
    "usage: rhythm-sandbox [OPTIONS]\n\n"
    "A local issuer and Rhythm API on 127.0.0.1 and ::1, over HTTP and HTTPS.\n\n"
    "  --port N            HTTP port; 0, the default: any free port\n"
    "  --https-port N      HTTPS port, likewise\n"
    "  --state-dir DIR     keep keys and ca.pem in DIR, not in a temporary directory\n"
    "  --catalogue FILE    the calls to accept; default: rhythm-get's catalogue\n"
    "  --exports=http|https  print export lines for a shell, not key=value lines\n"
    "  --die-with-parent   exit when the parent process does\n"
    "  --knobs=mdoc        print the list of knobs for the manual page\n"
    "  -V, --version\n"
    "  -h, --help\n\n"
    "Clients: sandbox-client with sandbox-secret (machine); sandbox-user-client (public).\n"
    "Users: ada@acme.example, new@acme.example (no contact_id); password: correct horse.\n"
    "GET /_sandbox shows knobs and counters, POST sets knobs (name=value lines), DELETE resets all.\n"
    "POST /_sandbox/token?alg=&kid=&typ= signs its body; POST /_sandbox/payload sets "
    "token.payload.\n"
    "/echo/... returns the request it received. See rhythm-sandbox(1).\n\n"
    "Knobs and their defaults:\n";

static void handle(struct request *r, struct answer *a)
{
    if (r->results)
        query_result(r, a);
    else if (!control_handle(r, a) && !issuer_handle(r, a))
        api_handle(r, a);
}

static int parse_port(const char *text, unsigned *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (!*text || *end || n > 65535) {
        fprintf(stderr, "rhythm-sandbox: not a port: %s; use 0 to 65535\n", text);
        return -1;
    }
    *port = (unsigned)n;
    return 0;
}

/* Prints the help, the version or the knobs; returns the exit status + 1. */
static int tell(int what)
{
    if (what == 'k')
        knobs_mdoc(stdout);
    else if (what == 'V')
        puts("rhythm-sandbox " SANDBOX_VERSION);
    else
        fputs(usage, stdout), knobs_help(stdout);
    return fflush(stdout) ? 74 : 1;
}

/* 0, or the exit status + 1. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option table[] = {
        {"port", 1, NULL, 'p'},      {"https-port", 1, NULL, 's'},
        {"state-dir", 1, NULL, 'd'}, {"catalogue", 1, NULL, 'c'},
        {"exports", 1, NULL, 'e'},   {"die-with-parent", 0, NULL, 'w'},
        {"help", 0, NULL, 'h'},      {"knobs", 1, NULL, 'k'},
        {"version", 0, NULL, 'V'},   {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "hV", table, NULL)) != -1;) {
        if (c == 'h' || c == 'V' || (c == 'k' && !strcmp(optarg, "mdoc")))
            return tell(c);
        if (c == 'k')
            return fputs("rhythm-sandbox: --knobs takes mdoc only\n", stderr), 65;
        if (c == '?' || (c == 'p' && parse_port(optarg, &o->port)) ||
            (c == 's' && parse_port(optarg, &o->https_port)))
            return 65;
        if (c == 'e' && strcmp(optarg, "http") != 0 && strcmp(optarg, "https") != 0)
            return fputs("rhythm-sandbox: --exports takes http or https\n", stderr), 65;
        if (c == 'd')
            o->state_dir = optarg;
        else if (c == 'c')
            o->catalogue = optarg;
        else if (c == 'e')
            o->exports = optarg;
        else if (c == 'w')
            o->die_with_parent = true;
    }
    if (optind < argc)
        return fprintf(stderr, "rhythm-sandbox: unexpected argument: %s; see rhythm-sandbox --help\n", argv[optind]), 65;
    return 0;
}

static int make_dir(const struct options *o, char *dir, size_t size)
{
    const char *tmp = getenv("TMPDIR");
    bool good;
    if (o->state_dir) {
        snprintf(dir, size, "%s", o->state_dir);
        good = mkdir(dir, 0700) == 0 || errno == EEXIST;
    } else {
        snprintf(dir, size, "%s/rhythm-sandbox.XXXXXX", tmp && *tmp ? tmp : "/tmp");
        good = mkdtemp(dir) != NULL;
    }
    if (!good)
        fprintf(stderr, "rhythm-sandbox: cannot create %s: %s\n", dir, strerror(errno));
    return good ? 0 : -1;
}

static void remove_dir(const char *dir)
{
    static const char *const files[] = {"ca.pem", "current.pem", "next.pem", "previous.pem",
                                        "ec.pem"};
    char path[4200];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
}

static int print_exports(const struct options *o, const char *ca)
{
    bool tls = !strcmp(o->exports, "https");
    char base[64];
    snprintf(base, sizeof base, "http%s://127.0.0.1:%u", tls ? "s" : "",
             tls ? o->https_port : o->port);
    printf("export RHYTHM_AUTH0_DOMAIN='%s'\nexport RHYTHM_CLIENT_ID='sandbox-client'\n"
           "export RHYTHM_CLIENT_SECRET='sandbox-secret'\nexport RHYTHM_API_BASE='%s/{service}'\n"
           "export RHYTHM_AUDIENCE='https://api.rhythmsoftware.com'\n",
           base, base);
    if (tls)
        printf("export RHYTHM_CA_BUNDLE='%s'\n", ca);
    fprintf(stderr,
            "rhythm-sandbox: listening on http://127.0.0.1:%u and https://127.0.0.1:%u; "
            "paste the lines above into another shell; press Ctrl-C to stop\n",
            o->port, o->https_port);
    return fflush(stdout) ? -1 : 0;
}

static int print_ready(const struct options *o, const char *ca)
{
    printf("http=http://127.0.0.1:%u\nhttps=https://127.0.0.1:%u\nca_bundle=%s\nready=1\n", o->port,
           o->https_port, ca);
    return fflush(stdout) ? -1 : 0;
}

static int run(struct options *o, const char *dir, const sigset_t *ends)
{
    char ca[4200], *key_pem = NULL, *cert_pem = NULL;
    int signal_number, rc = -1;
    snprintf(ca, sizeof ca, "%s/ca.pem", dir);
    keys_start(dir);
    if (keys_tls(ca, &key_pem, &cert_pem) == 0 &&
        http_start(&o->port, &o->https_port, key_pem, cert_pem, handle) == 0) {
        rc = o->exports ? print_exports(o, ca) : print_ready(o, ca);
        if (rc == 0)
            sigwait(ends, &signal_number);
        http_stop();
    }
    free(key_pem);
    free(cert_pem);
    keys_stop();
    knobs_reset();
    store_reset();
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    char dir[4096];
    sigset_t ends;
    pid_t parent = getppid();
    int rc = parse(argc, argv, &o);
    if (rc)
        return rc - 1;
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL); /* before threads start: they inherit it */
    if (o.die_with_parent && (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent))
        return 1;
    if (make_dir(&o, dir, sizeof dir))
        return 1;
    rc = routes_load(o.catalogue) || run(&o, dir, &ends);
    routes_free();
    if (!o.state_dir)
        remove_dir(dir);
    return rc ? 1 : 0;
}

/*
 * turns: runs two commands alternately and compares the time and memory that they take.
 *
 *     turns ROUNDS OURS [ARGUMENT...] [-- PEER [ARGUMENT...]]
 *
 * Each round runs both, in alternating order, so that other load on the machine affects both. A word <FILE is a command's
 * standard input; its output is dropped. Each runs once before the rounds that count.
 * Prints, as words of one line: milliseconds of ours and of the peer (medians), the median of the rounds' ratios; CPU
 * milliseconds of ours, and that ratio, likewise; and the largest peak memory of ours and of the peer in KiB.
 * Exit status: 0; 64 usage; 69 a command failed, named on standard error (not with ANY_STATUS in the environment).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct taken {
    double ms;
    double cpu_ms;
    long kib;
};

static double ms_of(long long seconds, long microseconds)
{
    return (double)seconds * 1e3 + (double)microseconds / 1e3;
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return ms_of(now.tv_sec, 0) + (double)now.tv_nsec / 1e6;
}

/* Becomes the command. */
static void become(char **words)
{
    int null = open("/dev/null", O_RDWR);
    int count = 0;

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    for (char **word = words; *word; word++) {
        if (**word != '<')
            words[count++] = *word;
        else if (dup2(open(*word + 1, O_RDONLY), STDIN_FILENO) < 0)
            _exit(127);
    }
    words[count] = NULL;
    execvp(words[0], words);
    _exit(127);
}

static struct taken run(char **words)
{
    double began_ms = now_ms();
    struct rusage usage;
    int how = 0;
    pid_t pid = fork();

    if (pid == 0)
        become(words);
    if (pid < 0 || wait4(pid, &how, 0, &usage) != pid ||
        (how != 0 && !getenv("ANY_STATUS"))) {
        fprintf(stderr, "turns: %s failed\n", words[0]);
        exit(69);
    }
    return (struct taken){now_ms() - began_ms,
                          ms_of(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec,
                                usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
                          usage.ru_maxrss};
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 2 ? (size_t)atol(argv[1]) : 0;
    double *columns = calloc(5 * rounds + 1, sizeof *columns);
    double *ours_ms = columns, *peer_ms = columns + rounds, *ratios = columns + 2 * rounds;
    double *cpu_ms = columns + 3 * rounds, *cpu_ratios = columns + 4 * rounds;
    long ours_kib = 0, peer_kib = 0;
    char **peer = argv + 2;

    while (rounds && *peer && strcmp(*peer, "--") != 0)
        peer++;
    if (!rounds || !columns || peer == argv + 2 || (*peer && !peer[1])) {
        fputs("usage: turns ROUNDS OURS [ARGUMENT...] [-- PEER [ARGUMENT...]]\n", stderr);
        return 64;
    }
    if (*peer)
        *peer++ = NULL;
    for (size_t turn = 0; turn <= rounds; turn++) {
        size_t i = turn ? turn - 1 : 0; /* the first one does not count: the second overwrites it */
        struct taken other = *peer && i % 2 ? run(peer) : (struct taken){0};
        struct taken one = run(argv + 2);

        if (*peer && i % 2 == 0)
            other = run(peer);
        ours_ms[i] = one.ms;
        peer_ms[i] = other.ms;
        ratios[i] = *peer ? one.ms / other.ms : 0;
        cpu_ms[i] = one.cpu_ms;
        cpu_ratios[i] = *peer ? one.cpu_ms / other.cpu_ms : 0;
        ours_kib = one.kib > ours_kib ? one.kib : ours_kib;
        peer_kib = other.kib > peer_kib ? other.kib : peer_kib;
    }
    printf("%.3f %.3f %.3f %.3f %.3f %ld %ld\n", median(ours_ms, rounds), median(peer_ms, rounds),
           median(ratios, rounds), median(cpu_ms, rounds), median(cpu_ratios, rounds), ours_kib, peer_kib);
    free(columns);
    return 0;
}

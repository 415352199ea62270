/*
 * measure: runs a command and says how long it took and how much memory it had at its peak.
 *
 *     measure FILE COMMAND...
 *
 * Appends "SECONDS KIB" to FILE. Exit status: the command's, or 127.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    double began_s = now_s();
    struct rusage usage;
    int how = 0;
    FILE *file;
    pid_t pid;

    if (argc < 3 || (pid = fork()) < 0)
        return 127;
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (wait4(pid, &how, 0, &usage) != pid || !(file = fopen(argv[1], "a")))
        return 127;
    fprintf(file, "%.6f %ld\n", now_s() - began_s, usage.ru_maxrss);
    if (fclose(file) != 0)
        return 127;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 127;
}

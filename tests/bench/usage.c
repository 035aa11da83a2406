/* SPDX-License-Identifier: ISC */

/*
 * What a server's processes use, as Linux reports it.
 *
 * A server may be one process, or threads, or a process for each client:
 * the clock of each process counts all of its threads, to the nanosecond.
 * Children that have ended stand in their parents' statistics, in ticks.
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

/* The fields of stat after the process's name; false if the process is gone. */
static bool
read_stat(pid_t pid, pid_t *parent, double *waited_for)
{
	char		 path[32], line[1024];
	const char	*rest;
	FILE		*f;
	size_t		 n;
	int		 ppid;
	long		 user, system;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	n = fread(line, 1, sizeof(line) - 1, f);
	(void)fclose(f);
	line[n] = '\0';
	if ((rest = strrchr(line, ')')) == NULL || sscanf(rest,
	    ") %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld",
	    &ppid, &user, &system) != 3)
		return false;
	*parent = ppid;
	*waited_for = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
	return true;
}

static void
add(struct usage *u, pid_t pid)
{
	if (u->pids == u->size) {
		u->size = u->size * 2 + 64;
		u->pid = reallocarray(u->pid, u->size, sizeof(*u->pid));
		if (u->pid == NULL)
			err(1, "reallocarray");
	}
	u->pid[u->pids++] = pid;
}

static bool
has(const struct usage *u, pid_t pid)
{
	size_t i;

	/* Most processes are children of the first. */
	for (i = 0; i < u->pids; i++)
		if (u->pid[i] == pid)
			return true;
	return false;
}

/* Add each process whose parent is known; children mostly have higher pids. */
static bool
add_children(struct usage *u)
{
	struct dirent	*entry;
	const char	*error;
	pid_t		 pid, parent;
	double		 waited_for;
	bool		 found = false;
	DIR		*proc;

	if ((proc = opendir("/proc")) == NULL)
		err(1, "/proc");
	while ((entry = readdir(proc)) != NULL) {
		pid = (pid_t)strtonum(entry->d_name, 1, INT32_MAX, &error);
		if (error == NULL && read_stat(pid, &parent, &waited_for) &&
		    has(u, parent) && !has(u, pid)) {
			add(u, pid);
			found = true;
		}
	}
	(void)closedir(proc);
	return found;
}

void
usage_find(struct usage *u, pid_t root)
{
	u->pids = 0;
	add(u, root);
	while (add_children(u))
		;
}

double
usage_cpu(const struct usage *u)
{
	struct timespec	 ts;
	clockid_t	 clock;
	pid_t		 parent;
	double		 sum = 0, waited_for;
	size_t		 i;

	for (i = 0; i < u->pids; i++) {
		if (clock_getcpuclockid(u->pid[i], &clock) == 0 &&
		    clock_gettime(clock, &ts) == 0)
			sum += (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
		if (read_stat(u->pid[i], &parent, &waited_for))
			sum += waited_for;
	}
	return sum;
}

/* A figure in KiB from a file in /proc; 0 if the process is gone. */
static double
figure(const char *path, const char *name)
{
	char	 line[256];
	size_t	 len = strlen(name);
	double	 kib = 0;
	FILE	*f;

	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			kib = strtod(line + len + 1, NULL);
	(void)fclose(f);
	return kib;
}

double
usage_memory(const struct usage *u)
{
	char	path[48];
	double	sum = 0;
	size_t	i;

	for (i = 0; i < u->pids; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
		    (int)u->pid[i]);
		sum += figure(path, "Pss");
	}
	return sum;
}

double
usage_kernel(void)
{
	return figure("/proc/meminfo", "KernelStack") +
	    figure("/proc/meminfo", "PageTables") +
	    figure("/proc/meminfo", "Slab");
}

double
usage_everyone(void)
{
	unsigned long	 t[8] = { 0 };
	FILE		*f;
	int		 n;

	if ((f = fopen("/proc/stat", "r")) == NULL)
		return 0;
	n = fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", &t[0], &t[1],
	    &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);
	(void)fclose(f);
	if (n != 8)
		return 0;
	/* All time except idle and disk waits, with what a host took. */
	return (double)(t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) /
	    (double)sysconf(_SC_CLK_TCK);
}

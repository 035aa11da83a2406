/* SPDX-License-Identifier: ISC */

/*
 * Included before each file of the tree in which tests/mutants/run looks
 * which test reaches what: each site there says its number.  They are kept in
 * a file of the folder in which tests run, mapped before anything is forked,
 * as a session opens no file, and ends without a word.
 */
#ifndef TESTS_MUTANTS_REACHED_H
#define TESTS_MUTANTS_REACHED_H

#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

static unsigned char	*site_map;

__attribute__((constructor, unused)) static void
site_open(void)
{
	int	 fd = open("reached", O_RDWR | O_CLOEXEC);
	void	*map;

	if (fd == -1)
		return;
	map = mmap(NULL, SITES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		site_map = map;
	(void)close(fd);
}

__attribute__((unused)) static inline void
site_reached(unsigned int number)
{
	if (site_map != NULL)
		site_map[number] = 1;
}

#endif

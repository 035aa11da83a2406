/* SPDX-License-Identifier: ISC */

/*
 * Credentials and certificates come from files, so that nothing secret is in
 * argv, where everybody sees it, or in the log.
 *
 * Runs in the link's children, and in chatlink-stream.
 */

#include <sys/stat.h>
#include <stdio.h>
#include <string.h>

#include "contrib/chatlink/credentials.h"
#include "ipc/common/bsd.h"

#define LOGIN_SIZE	256

/*
 * Refuse a file that others can read: it is no secret.  It starts with
 * USER:PASSWORD, or is one that the engine's own tools have written.
 */
static natsStatus
set_login(natsOptions *opts, const char *path)
{
	char		 login[LOGIN_SIZE], *password;
	struct stat	 st;
	FILE		*fp = fopen(path, "r");
	natsStatus	 status;

	if (fp == NULL || fstat(fileno(fp), &st) == -1)
		err(1, "cannot read %s", path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		errx(1, "%s: users other than its owner have access", path);
	if (fgets(login, sizeof(login), fp) == NULL)
		errx(1, "%s is empty", path);
	(void)fclose(fp);
	login[strcspn(login, "\r\n")] = '\0';
	if (login[0] == '-')
		return natsOptions_SetUserCredentialsFromFiles(opts, path,
		    NULL);
	if ((password = strchr(login, ':')) == NULL)
		errx(1, "%s: neither credentials nor user:password", path);
	*password++ = '\0';
	status = natsOptions_SetUserInfo(opts, login, password);
	explicit_bzero(login, sizeof(login));
	return status;
}

natsStatus
credentials_set(natsOptions *opts, const char *file, const char *certificates)
{
	natsStatus status = NATS_OK;

	if (file != NULL)
		status = set_login(opts, file);
	if (status == NATS_OK && certificates != NULL)
		status = natsOptions_SetSecure(opts, true);
	if (status == NATS_OK && certificates != NULL)
		status = natsOptions_LoadCATrustedCertificates(opts,
		    certificates);
	return status;
}

/* SPDX-License-Identifier: ISC */

/*
 * chatlink-stream: make the stream that the links of a room share, once.
 *
 * An operator runs it, with rights that no link has.
 */

#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "contrib/chatlink/credentials.h"
#include "contrib/chatlink/link.h"

#define SECOND		INT64_C(1000000000)	/* the engine counts ns */
#define DAY		(86400 * SECOND)
#define DAYS		7
#define DUPLICATES_S	120
#define DAYS_MAX	3650
#define REPLICAS_MAX	5

static void __attribute__((noreturn))
usage(void)
{
	(void)fprintf(stderr, "usage: chatlink-stream [-C credentials] "
	    "[-d days] [-m megabytes] [-R replicas]\n"
	    "                       [-T certificates] room url ...\n");
	exit(LINK_USAGE);
}

static long long
number(int ch, long long most)
{
	const char	*error;
	long long	 n = strtonum(optarg, 1, most, &error);

	if (error != NULL)
		errx(LINK_USAGE, "-%c: \"%s\" is %s (1 to %lld)", ch, optarg,
		    error, most);
	return n;
}

static void
check(natsStatus status, const char *what)
{
	if (status != NATS_OK)
		errx(1, "%s: %s", what, nats_GetLastError(&status) != NULL ?
		    nats_GetLastError(&status) : natsStatus_GetText(status));
}

/* Make it, or change the existing one. */
static void
make_stream(jsCtx *js, jsStreamConfig *config)
{
	jsStreamInfo	*info = NULL;
	jsErrCode	 code = 0;
	natsStatus	 status = js_AddStream(&info, js, config, NULL, &code);

	if (status != NATS_OK && code == JSStreamNameExistErr)
		status = js_UpdateStream(&info, js, config, NULL, &code);
	check(status, config->Name);
	(void)printf("%s: %lld copies, %lld days\n", config->Name,
	    (long long)info->Config->Replicas,
	    (long long)(info->Config->MaxAge / DAY));
	jsStreamInfo_Destroy(info);
}

int
main(int argc, char *argv[])
{
	char		 name[LINK_SUBJECT], subject[LINK_SUBJECT];
	const char	*subjects[] = { subject }, *file = NULL, *ca = NULL;
	jsStreamConfig	 config;
	natsOptions	*opts;
	natsConnection	*nc;
	jsCtx		*js;
	int		 ch;

	check(jsStreamConfig_Init(&config), "stream");
	check(natsOptions_Create(&opts), "options");
	config.Replicas = 1;
	config.MaxAge = DAYS * DAY;
	config.Duplicates = DUPLICATES_S * SECOND;
	while ((ch = getopt(argc, argv, "C:d:m:R:T:")) != -1)
		switch (ch) {
		case 'C':
			file = optarg;
			break;
		case 'd':
			config.MaxAge = number(ch, DAYS_MAX) * DAY;
			break;
		case 'm':
			config.MaxBytes = number(ch, 1 << 30) << 20;
			break;
		case 'R':
			config.Replicas = number(ch, REPLICAS_MAX);
			break;
		case 'T':
			ca = optarg;
			break;
		default:
			usage();
		}
	argc -= optind;
	argv += optind;
	if (argc < 2 || !link_is_word(argv[0], LINK_ROOM_MAX))
		usage();
	(void)snprintf(name, sizeof(name), "chat-%s", argv[0]);
	(void)snprintf(subject, sizeof(subject), "chat.%s.*", argv[0]);
	config.Name = name;
	config.Subjects = subjects;
	config.SubjectsLen = 1;
	check(natsOptions_SetServers(opts, (const char **)(void *)(argv + 1),
	    argc - 1), "url");
	check(credentials_set(opts, file, ca), "credentials");
	check(natsConnection_Connect(&nc, opts), "connect");
	check(natsConnection_JetStream(&js, nc, NULL), "JetStream");
	make_stream(js, &config);
	jsCtx_Destroy(js);
	natsConnection_Destroy(nc);
	natsOptions_Destroy(opts);
	return 0;
}

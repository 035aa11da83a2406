/* SPDX-License-Identifier: ISC */

/*
 * The engine: everything that knows libnats.
 *
 * The library reconnects by itself, but is not trusted to notice each gap:
 * in.c checks the stream's numbers.
 *
 * Runs in the link's children; functions named deliver_* run in libnats'
 * threads.
 */

#include <errno.h>
#include <fcntl.h>
#include <nats/nats.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/credentials.h"
#include "contrib/chatlink/engine.h"
#include "ipc/common/bsd.h"

#define ANSWER_MS	1000	/* for the engine's answers */
#define ACK_MS		2000	/* for a publication to be stored */
#define RECONNECT_MS	250
#define MESSAGES	32	/* of 60 kB, waiting for the process */
#define PING_MS		2000	/* a silent node counts as down after two */
#define HEARTBEAT_NS	1000000000LL	/* so does a dead consumer */

struct engine {
	const struct link	*link;
	natsConnection		*connection;
	jsCtx			*js;
	natsSubscription	*stream_sub, *here_sub;
	atomic_uint		 follows;	/* how often it followed */
	int			 pipe[2];
	sem_t			 space;		/* in it, for messages */
	char			 stream[LINK_SUBJECT];
	char			 subject[LINK_SUBJECT];	/* of this host */
};

/* An event in the pipe, written as a whole. */
struct envelope {
	struct engine_event	*event;
};

/* ---- events ---- */

/*
 * Called in any thread.  A message waits for space; meanwhile the library
 * answers nothing, and the engine sends no more: that is flow control.
 */
static void
put(struct engine *e, struct engine_event *ev)
{
	struct envelope	env = { ev };
	ssize_t		n;

	if (ev->kind == ENGINE_MESSAGE)
		while (sem_wait(&e->space) == -1)
			;
	do
		n = write(e->pipe[1], &env, sizeof(env));
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(env))
		engine_free(ev);
}

/* HOST of chat.ROOM.HOST or chat.ROOM.HOST.here; "" if that is no host. */
static void
find_host(char host[TEXT_HOST_MAX + 1], const char *subject)
{
	const char	*dot = strchr(subject, '.');
	size_t		 n = 0;

	if (dot != NULL && (dot = strchr(dot + 1, '.')) != NULL)
		n = strcspn(dot + 1, ".");
	if (n > TEXT_HOST_MAX)
		n = 0;
	if (n > 0)
		memcpy(host, dot + 1, n);
	host[n] = '\0';
	if (!link_is_word(host, TEXT_HOST_MAX))
		host[0] = '\0';
}

/* An event that owns message; NULL without memory. */
static struct engine_event *
event_of(enum engine_kind kind, natsMsg *message)
{
	struct engine_event *ev = calloc(1, sizeof(*ev));

	if (ev == NULL) {
		natsMsg_Destroy(message);
		return NULL;
	}
	ev->kind = kind;
	ev->message = message;
	if (message != NULL) {
		ev->data = natsMsg_GetData(message);
		ev->len = (size_t)natsMsg_GetDataLength(message);
		find_host(ev->host, natsMsg_GetSubject(message));
	}
	return ev;
}

static void
deliver_message(natsConnection *nc, natsSubscription *sub, natsMsg *message,
    void *closure)
{
	jsMsgMetaData		*meta;
	struct engine_event	*ev;

	(void)nc;
	(void)sub;
	if (natsMsg_GetMetaData(&meta, message) != NATS_OK) {
		natsMsg_Destroy(message);
		return;
	}
	if ((ev = event_of(ENGINE_MESSAGE, message)) != NULL) {
		ev->seq = meta->Sequence.Stream;
		put(closure, ev);
	}
	jsMsgMetaData_Destroy(meta);
}

static void
deliver_here(natsConnection *nc, natsSubscription *sub, natsMsg *message,
    void *closure)
{
	struct engine_event *ev = event_of(ENGINE_HERE, message);

	(void)nc;
	(void)sub;
	if (ev != NULL)
		put(closure, ev);
}

static void
deliver_ack(jsCtx *js, natsMsg *message, jsPubAck *ack, jsPubAckErr *error,
    void *closure)
{
	struct engine_event *ev = event_of(ack != NULL ? ENGINE_STORED :
	    ENGINE_REFUSED, NULL);

	(void)js;
	natsMsg_Destroy(message);
	if (ev == NULL)
		return;
	if (ack != NULL)
		ev->seq = ack->Sequence;
	else if (error->ErrText != NULL)
		(void)strlcpy(ev->why, error->ErrText, sizeof(ev->why));
	else
		(void)strlcpy(ev->why, natsStatus_GetText(error->Err),
		    sizeof(ev->why));
	put(closure, ev);
}

/* Only the main thread writes to the log. */
static void
put_news(struct engine *e, const char *why)
{
	struct engine_event *ev = event_of(ENGINE_NEWS, NULL);

	if (ev == NULL)
		return;
	(void)strlcpy(ev->why, why, sizeof(ev->why));
	ev->seq = atomic_load(&e->follows);
	put(e, ev);
}

static void
deliver_trouble(natsConnection *nc, natsSubscription *sub, natsStatus status,
    void *closure)
{
	(void)nc;
	(void)sub;
	put_news(closure, natsStatus_GetText(status));
}

static void
deliver_loss(natsConnection *nc, void *closure)
{
	(void)nc;
	put_news(closure, "it does not answer");
}

static void
deliver_return(natsConnection *nc, void *closure)
{
	(void)nc;
	put_news(closure, "it answers again");
}

/* Whether ev is news of an earlier subscription. */
static bool
is_stale(const struct engine *e, const struct engine_event *ev)
{
	return ev->kind == ENGINE_NEWS && ev->seq != atomic_load(&e->follows);
}

struct engine_event *
engine_next(struct engine *e)
{
	struct envelope	env;

	while (read(e->pipe[0], &env, sizeof(env)) == (ssize_t)sizeof(env)) {
		if (env.event->kind == ENGINE_MESSAGE)
			(void)sem_post(&e->space);
		if (!is_stale(e, env.event))
			return env.event;
		engine_free(env.event);
	}
	return NULL;
}

void
engine_free(struct engine_event *ev)
{
	natsMsg_Destroy(ev->message);
	free(ev);
}

int
engine_fd(const struct engine *e)
{
	return e->pipe[0];
}

/* ---- the connection ---- */

static natsStatus
set_options(natsOptions *opts, const struct link *l, struct engine *e)
{
	natsStatus	status = natsOptions_SetServers(opts, l->url, l->urls);
	char		name[LINK_SUBJECT];

	(void)snprintf(name, sizeof(name), "chatlink %s", l->host);
	if (status == NATS_OK)
		status = natsOptions_SetName(opts, name);
	if (status == NATS_OK)
		status = credentials_set(opts, l->credentials, l->authorities);
	/* The library's own thread would send each message a little later. */
	if (status == NATS_OK)
		status = natsOptions_SetSendAsap(opts, true);
	if (status == NATS_OK)
		status = natsOptions_SetMaxReconnect(opts, -1);
	if (status == NATS_OK)
		status = natsOptions_SetReconnectWait(opts, RECONNECT_MS);
	if (status == NATS_OK)
		status = natsOptions_SetTimeout(opts, ANSWER_MS);
	if (status == NATS_OK)
		status = natsOptions_SetPingInterval(opts, PING_MS);
	if (status == NATS_OK)
		status = natsOptions_SetMaxPingsOut(opts, 1);
	if (status == NATS_OK)
		status = natsOptions_SetErrorHandler(opts, deliver_trouble, e);
	if (status == NATS_OK)
		status = natsOptions_SetDisconnectedCB(opts, deliver_loss, e);
	if (status == NATS_OK)
		status = natsOptions_SetReconnectedCB(opts, deliver_return, e);
	return status;
}

static natsStatus
connect_to(struct engine *e)
{
	natsOptions	*opts = NULL;
	jsOptions	 js;
	natsStatus	 status = natsOptions_Create(&opts);

	if (status == NATS_OK)
		status = set_options(opts, e->link, e);
	if (status == NATS_OK)
		status = natsConnection_Connect(&e->connection, opts);
	natsOptions_Destroy(opts);
	if (status == NATS_OK)
		status = jsOptions_Init(&js);
	if (status == NATS_OK) {
		js.Wait = ANSWER_MS;
		js.PublishAsync.AckHandler = deliver_ack;
		js.PublishAsync.AckHandlerClosure = e;
		status = natsConnection_JetStream(&e->js, e->connection, &js);
	}
	return status;
}

struct engine *
engine_open(const struct link *l)
{
	struct engine	*e = calloc(1, sizeof(*e));
	natsStatus	 status;

	if (e == NULL || pipe(e->pipe) == -1 ||
	    sem_init(&e->space, 0, MESSAGES) == -1)
		fatal("cannot set up the connection to the engine");
	if (fcntl(e->pipe[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(e->pipe[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(e->pipe[1], F_SETFD, FD_CLOEXEC) == -1)
		fatal("cannot set up the connection to the engine");
	e->link = l;
	(void)snprintf(e->stream, sizeof(e->stream), "chat-%s", l->room);
	(void)snprintf(e->subject, sizeof(e->subject), "chat.%s.%s", l->room,
	    l->host);
	if ((status = connect_to(e)) != NATS_OK) {
		log_info("cannot connect to the engine: %s",
		    natsStatus_GetText(status));
		natsConnection_Destroy(e->connection);
		(void)close(e->pipe[0]);
		(void)close(e->pipe[1]);
		free(e);
		return NULL;
	}
	return e;
}

bool
engine_is_up(struct engine *e)
{
	return natsConnection_Status(e->connection) ==
	    NATS_CONN_STATUS_CONNECTED;
}

/* ---- the stream ---- */

bool
engine_stream(struct engine *e, struct engine_stream *s)
{
	jsStreamInfo	*info;
	jsErrCode	 code = 0;
	natsStatus	 status;

	if (!engine_is_up(e))
		return false;
	status = js_GetStreamInfo(&info, e->js, e->stream, NULL, &code);
	if (status != NATS_OK) {
		log_info("cannot see the stream %s: %s", e->stream,
		    code == JSStreamNotFoundErr ?
		    "there is none: see chatlink-stream(8)" :
		    natsStatus_GetText(status));
		return false;
	}
	s->created = info->Created;
	s->first = info->State.FirstSeq;
	s->last = info->State.LastSeq;
	jsStreamInfo_Destroy(info);
	return true;
}

static enum engine_found
found(natsStatus status, jsErrCode code, natsMsg *message,
    struct engine_event **ev)
{
	if (status == NATS_NOT_FOUND || code == JSNoMessageFoundErr)
		return ENGINE_NONE;
	if (status != NATS_OK || (*ev = event_of(ENGINE_MESSAGE, message)) ==
	    NULL)
		return ENGINE_DOWN;
	(*ev)->seq = natsMsg_GetSequence(message);
	return ENGINE_FOUND;
}

enum engine_found
engine_get(struct engine *e, uint64_t seq, struct engine_event **ev)
{
	natsMsg		*message = NULL;
	jsErrCode	 code = 0;
	natsStatus	 status;

	if (!engine_is_up(e))
		return ENGINE_DOWN;
	status = js_GetMsg(&message, e->js, e->stream, seq, NULL, &code);
	return found(status, code, message, ev);
}

enum engine_found
engine_last(struct engine *e, struct engine_event **ev)
{
	natsMsg		*message = NULL;
	jsErrCode	 code = 0;
	natsStatus	 status;

	if (!engine_is_up(e))
		return ENGINE_DOWN;
	status = js_GetLastMsg(&message, e->js, e->stream, e->subject, NULL,
	    &code);
	return found(status, code, message, ev);
}

bool
engine_follow(struct engine *e, uint64_t seq)
{
	char		subject[LINK_SUBJECT];
	jsSubOptions	opts;
	jsErrCode	code = 0;
	natsStatus	status = jsSubOptions_Init(&opts);
	natsSubscription	*sub = NULL;

	(void)snprintf(subject, sizeof(subject), "chat.%s.*", e->link->room);
	opts.Stream = e->stream;
	opts.Ordered = true;
	opts.Config.Heartbeat = HEARTBEAT_NS;
	opts.Config.DeliverPolicy = js_DeliverByStartSequence;
	opts.Config.OptStartSeq = seq;
	if (status == NATS_OK)
		status = js_Subscribe(&sub, e->js, subject, deliver_message,
		    e, NULL, &opts, &code);
	if (status != NATS_OK) {
		log_info("cannot follow the stream %s: %s (%d)", e->stream,
		    natsStatus_GetText(status), (int)code);
		return false;
	}
	natsSubscription_Destroy(e->stream_sub);
	e->stream_sub = sub;
	atomic_fetch_add(&e->follows, 1);
	return true;
}

bool
engine_publish(struct engine *e, const char *data, size_t len,
    uint64_t expected, const char *id)
{
	char		 number[24];
	natsMsg		*message = NULL;
	jsPubOptions	 opts;
	natsStatus	 status = jsPubOptions_Init(&opts);

	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)expected);
	opts.MaxWait = ACK_MS;
	if (status == NATS_OK)
		status = natsMsg_Create(&message, e->subject, NULL, data,
		    (int)len);
	if (status == NATS_OK)
		status = natsMsgHeader_Set(message, "Nats-Msg-Id", id);
	/* The option's field cannot express 0. */
	if (status == NATS_OK)
		status = natsMsgHeader_Set(message,
		    "Nats-Expected-Last-Subject-Sequence", number);
	if (status == NATS_OK)
		status = js_PublishMsgAsync(e->js, &message, &opts);
	natsMsg_Destroy(message);
	return status == NATS_OK;
}

/* ---- presence, outside the stream ---- */

bool
engine_say_here(struct engine *e, const char *data, size_t len)
{
	char subject[LINK_SUBJECT];

	(void)snprintf(subject, sizeof(subject), "chat.%s.%s.here",
	    e->link->room, e->link->host);
	return engine_is_up(e) && natsConnection_Publish(e->connection,
	    subject, data, (int)len) == NATS_OK;
}

bool
engine_hear_here(struct engine *e)
{
	char subject[LINK_SUBJECT];

	(void)snprintf(subject, sizeof(subject), "chat.%s.*.here",
	    e->link->room);
	return natsConnection_Subscribe(&e->here_sub, e->connection, subject,
	    deliver_here, e) == NATS_OK;
}

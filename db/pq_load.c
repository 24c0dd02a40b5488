#include "db/pq_load.h"

#include <postgresql/libpq-fe.h>

#include "base/library.h"

/* What db/ calls; each is defined below. */
#define FUNCTIONS(F)            \
	F(PQclear)              \
	F(PQcmdStatus)          \
	F(PQcmdTuples)          \
	F(PQconnectPoll)        \
	F(PQconnectStartParams) \
	F(PQconsumeInput)       \
	F(PQerrorMessage)       \
	F(PQfinish)             \
	F(PQflush)              \
	F(PQfname)              \
	F(PQgetResult)          \
	F(PQgetisnull)          \
	F(PQgetlength)          \
	F(PQgetvalue)           \
	F(PQisBusy)             \
	F(PQnfields)            \
	F(PQntuples)            \
	F(PQparameterStatus)    \
	F(PQresultErrorField)   \
	F(PQresultStatus)       \
	F(PQsendQuery)          \
	F(PQsendQueryParams)    \
	F(PQsetNoticeReceiver)  \
	F(PQsetSingleRowMode)   \
	F(PQsetnonblocking)     \
	F(PQsocket)             \
	F(PQstatus)

/* A declarator, and where the function found goes. */
#define MEMBER(name) \
	__typeof__(name) *name; /* NOLINT(bugprone-macro-parentheses) */
#define FOUND(name) { #name, &pq.name },

/* Written by library_load(). */
static struct {
	FUNCTIONS(MEMBER)
} pq;
static const struct library_function functions[] = { FUNCTIONS(FOUND) };
static struct library libpq = LIBRARY("libpq.so.5", "libpq5", functions);

int
pq_load(struct err *e)
{
	return library_load(&libpq, e);
}

/* --- the functions, as libpq-fe.h declares them ----------------------------
 */

#define FORWARD(type, name, parameters, arguments) \
	type name parameters                       \
	{                                          \
		return pq.name arguments;          \
	}

void
PQclear(PGresult *res)
{
	if (res != NULL)
		pq.PQclear(res);
}

void
PQfinish(PGconn *conn)
{
	if (conn != NULL)
		pq.PQfinish(conn);
}

FORWARD(PGconn *, PQconnectStartParams,
    (const char *const *keywords, const char *const *values, int expand_dbname),
    (keywords, values, expand_dbname))
FORWARD(PostgresPollingStatusType, PQconnectPoll, (PGconn * conn), (conn))
FORWARD(ConnStatusType, PQstatus, (const PGconn *conn), (conn))
FORWARD(int, PQsocket, (const PGconn *conn), (conn))
FORWARD(char *, PQerrorMessage, (const PGconn *conn), (conn))
FORWARD(const char *, PQparameterStatus, (const PGconn *conn, const char *name),
    (conn, name))
FORWARD(PQnoticeReceiver, PQsetNoticeReceiver,
    (PGconn * conn, PQnoticeReceiver proc, void *arg), (conn, proc, arg))
FORWARD(int, PQsetnonblocking, (PGconn * conn, int arg), (conn, arg))
FORWARD(int, PQsetSingleRowMode, (PGconn * conn), (conn))
FORWARD(int, PQflush, (PGconn * conn), (conn))
FORWARD(int, PQconsumeInput, (PGconn * conn), (conn))
FORWARD(int, PQisBusy, (PGconn * conn), (conn))
FORWARD(int, PQsendQuery, (PGconn * conn, const char *query), (conn, query))
/* As many parameters as libpq gives it. */
/* NOLINTNEXTLINE(readability-function-size) */
FORWARD(int, PQsendQueryParams,
    (PGconn * conn, const char *command, int nParams, const Oid *paramTypes,
	const char *const *paramValues, const int *paramLengths,
	const int *paramFormats, int resultFormat),
    (conn, command, nParams, paramTypes, paramValues, paramLengths,
	paramFormats, resultFormat))
FORWARD(PGresult *, PQgetResult, (PGconn * conn), (conn))
FORWARD(ExecStatusType, PQresultStatus, (const PGresult *res), (res))
FORWARD(char *, PQresultErrorField, (const PGresult *res, int fieldcode),
    (res, fieldcode))
FORWARD(char *, PQcmdStatus, (PGresult * res), (res))
FORWARD(char *, PQcmdTuples, (PGresult * res), (res))
FORWARD(int, PQntuples, (const PGresult *res), (res))
FORWARD(int, PQnfields, (const PGresult *res), (res))
FORWARD(char *, PQfname, (const PGresult *res, int field_num), (res, field_num))
FORWARD(char *, PQgetvalue, (const PGresult *res, int tup_num, int field_num),
    (res, tup_num, field_num))
FORWARD(int, PQgetlength, (const PGresult *res, int tup_num, int field_num),
    (res, tup_num, field_num))
FORWARD(int, PQgetisnull, (const PGresult *res, int tup_num, int field_num),
    (res, tup_num, field_num))

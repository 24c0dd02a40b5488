#include "services/privileges.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <linux/capability.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* A kernel may know more capabilities than the headers do. */
static int
limit_bounding_set(uint64_t caps, struct err *e)
{
	unsigned long cap;

	for (cap = 0; cap < 64; cap++) {
		if ((caps & (UINT64_C(1) << cap)) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1) {
			if (errno == EINVAL && cap > CAP_LAST_CAP)
				break;
			return err_errno(e, "bounding set");
		}
	}
	return 0;
}

/* Exactly these, none of them inheritable. */
static int
set_capabilities(uint64_t caps, struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	data[0] = (struct __user_cap_data_struct) {
		.effective = (uint32_t)caps,
		.permitted = (uint32_t)caps,
	};
	data[1] = (struct __user_cap_data_struct) {
		.effective = (uint32_t)(caps >> 32),
		.permitted = (uint32_t)(caps >> 32),
	};
	if (syscall(SYS_capset, &head, data) == -1)
		return err_errno(e, "capabilities");
	return 0;
}

static int
become(const struct passwd *pw, struct err *e)
{
	if (initgroups(pw->pw_name, pw->pw_gid) == -1 ||
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 ||
	    setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1)
		return err_errno(e, "become user %s", pw->pw_name);
	return 0;
}

/* Called while there is one thread. */
/* NOLINTBEGIN(concurrency-mt-unsafe) */
static int
clean_environment(struct err *e)
{
	if (clearenv() != 0 || setenv("PATH", "/usr/bin:/bin", 1) == -1 ||
	    setenv("LC_ALL", "C.UTF-8", 1) == -1)
		return err_set(e, ERR_IO, "the environment cannot be cleared");
	return 0;
}

int
privileges_drop(const char *user, uint64_t caps, struct err *e)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return err_set(e, ERR_DENIED, "only root can become user %s",
		    user);
	if (clean_environment(e) == -1)
		return -1;
	pw = getpwnam(user);
	if (pw == NULL || pw->pw_uid == 0)
		return err_set(e, ERR_NOT_FOUND, "no service account %s", user);
	if (limit_bounding_set(caps, e) == -1 || become(pw, e) == -1 ||
	    set_capabilities(caps, e) == -1)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return err_errno(e, "give up privileges");
	return 0;
}
/* NOLINTEND(concurrency-mt-unsafe) */

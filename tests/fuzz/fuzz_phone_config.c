/*
 * Any description of a phone, and behind a NUL any template.  Whatever the
 * description, the template that comes with the program makes a document with
 * the same tags of it; whatever the template, what is made is XML.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/phone_config.h"
#include "services/xml_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct device_row device = {
	.name = "SEP001122334455",
	.protocol = DEVICE_SIP,
	.security = DEVICE_NON_SECURE,
};
static const struct callmanager_group group = {
	.name = "Default",
	.server = { { .node = "a", .address = "127.0.10.1" },
	    { .node = "b", .domain = "c", .address = "127.0.10.2" } },
	.servers = 2,
};

/* How many tags begin in what the template makes. */
static size_t
render(const struct phone_config_template *t, int *rc)
{
	const struct phone_config_inputs in = { .device = &device,
		.group = &group,
		.tvs_port = 2445 };
	struct err e = ERR_INIT;
	uint8_t *out = NULL;
	size_t tags = 0;
	size_t len = 0;

	*rc = phone_config_render(t, &in, &out, &len, &e);
	if (*rc == -1)
		return 0;
	if (xml_check(out, len, &e) == -1)
		BUG("not XML: %s", e.msg);
	for (size_t i = 0; i < len; i++)
		tags += out[i] == '<';
	free(out);
	return tags;
}

/* The template that comes with the program; kept to the end. */
static void
try_ours(void)
{
	static struct phone_config_template *ours;
	static size_t tags;
	struct err e = ERR_INIT;
	int rc;

	if (ours == NULL) {
		char kept[sizeof(device.description)];

		memcpy(kept, device.description, sizeof(kept));
		paths_set_root("/nonexistent");
		ours = phone_config_template_load(PHONE_CONFIG_DEVICE, &e);
		if (ours == NULL)
			BUG("%s", e.msg);
		device.description[0] = '\0';
		tags = render(ours, &rc);
		memcpy(device.description, kept, sizeof(kept));
	}
	if (render(ours, &rc) != tags || rc == -1)
		BUG("other tags");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *nul = len > 0 ? memchr(data, '\0', len) : NULL;
	size_t n = nul != NULL ? (size_t)(nul - data) : len;
	struct phone_config_template *t;
	struct err e = ERR_INIT;
	int rc;

	if (n >= sizeof(device.description))
		n = sizeof(device.description) - 1;
	memcpy(device.description, data, n);
	device.description[n] = '\0';
	try_ours();
	if (nul == NULL)
		return 0;
	t = phone_config_template_parse("own", nul + 1,
	    len - (size_t)(nul + 1 - data), PHONE_CONFIG_DEVICE, &e);
	if (t != NULL)
		(void)render(t, &rc);
	phone_config_template_free(t);
	return 0;
}

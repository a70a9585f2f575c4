// SPDX-License-Identifier: MIT
/* Physical region pages (section 4.3): where a command's data is in the host's memory. */
#include <string.h>
#include "model/nvme/nvme.h"

#define ENTRY sizeof(uint64_t)

/* How far the data of a command has been moved. */
struct transfer {
	struct model *model;
	uint8_t *data;
	size_t left;
	bool to_host;
};

/* Moves what lies in the page of an entry. Only the first may begin within a page. */
static unsigned int move_page(struct transfer *t, uint64_t address, bool first)
{
	size_t offset = address % PAGE, size = PAGE - offset;
	int err;

	if (first ? offset % 4 : offset)
		return STATUS_PRP_OFFSET;
	if (size > t->left)
		size = t->left;
	err = t->to_host ? model_dma_write(t->model, address, t->data, size)
			 : model_dma_read(t->model, address, t->data, size);
	t->data += size;
	t->left -= size;
	return err ? STATUS_TRANSFER : STATUS_SUCCESS;
}

/*
 * Moves what the entries of a list describe. Where the list does not end with its page, the last entry
 * in the page tells where it goes on; @next is that, or 0.
 */
static unsigned int move_list(struct transfer *t, uint64_t list, uint64_t *next)
{
	uint64_t entries[PAGE / ENTRY];
	size_t count = (t->left + PAGE - 1) / PAGE, room = (PAGE - list % PAGE) / ENTRY;
	bool goes_on = count > room;
	unsigned int status = STATUS_SUCCESS;

	if (list % ENTRY)
		return STATUS_PRP_OFFSET;
	if (goes_on)
		count = room;
	if (model_dma_read(t->model, list, entries, count * ENTRY))
		return STATUS_TRANSFER;
	*next = goes_on ? le64toh(entries[--count]) : 0;
	for (size_t i = 0; !status && i < count; i++)
		status = move_page(t, le64toh(entries[i]), false);
	return status;
}

unsigned int model_nvme_transfer(struct model *model, const struct nvme_command *command,
				 size_t size, bool to_host)
{
	struct transfer t = {model, nvme_of(model)->data, size, to_host};
	uint64_t second = le64toh(command->prp[1]);
	unsigned int status;

	if (size > MOST)
		return STATUS_FIELD;
	status = move_page(&t, le64toh(command->prp[0]), true);
	if (!status && t.left && t.left <= PAGE)
		return move_page(&t, second, false);
	/* Lists of one entry, which only tells where the list goes on, would never end. */
	for (unsigned int lists = 0; !status && t.left; lists++)
		status = lists > MOST / PAGE ? STATUS_FIELD : move_list(&t, second, &second);
	return status;
}

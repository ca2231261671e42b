import assert from 'node:assert/strict';

export const photo = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]);

/** An ID of the right form that was never granted. */
export const unknownId = '01900000-0000-7000-8000-000000000000';

/** Sends the request that a grant describes. */
export async function storeObject({ method, url, headers }: { method: 'PUT'; url: string; headers: Record<string, string> }) {
  const response = await fetch(url, { method, headers, body: photo });
  assert.equal(response.status, 200, await response.text());
}

/** Saves a photo, whose pictures are there if it is ready. */
export async function readObject(details: {
  name: string; status: 'processing' | 'ready' | 'unsupported'; thumbnailUrl?: string; width?: number; taken?: string; downloadUrl: string;
}) {
  assert.equal(details.status === 'ready', details.thumbnailUrl !== undefined && details.width !== undefined);
  const response = await fetch(details.downloadUrl);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), photo);
  assert.match(response.headers.get('Content-Disposition')!, new RegExp(`^attachment; filename="${details.name}";`));
}

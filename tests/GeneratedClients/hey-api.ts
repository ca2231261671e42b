import assert from 'node:assert/strict';
import { photo, readObject, storeObject, unknownId } from './photo.js';
import { client } from './generated/hey-api/client.gen.js';
import { deletePhoto, getPhoto, grantUpload, listPhotos, writePhoto } from './generated/hey-api/sdk.gen.js';
import type { ErrorCode } from './generated/hey-api/types.gen.js';

// The base URL is the description's first server, which is the host that served it.
assert.equal(client.getConfig().baseUrl, process.env.API);
client.setConfig({ auth: process.env.TOKEN });

const granted = await grantUpload({ body: { name: 'hey-api.jpg', contentType: 'image/jpg', size: photo.length } });
assert(granted.data, granted.error?.message);
const method: 'PUT' = granted.data.upload.method;
await storeObject({ ...granted.data.upload, method });
const written = await writePhoto({ body: { id: granted.data.id } });
assert.equal(written.data?.contentType, 'image/jpeg');

const listed = await listPhotos({ query: { limit: 1 } });
assert.deepEqual(listed.data?.photos.map(({ id, name }) => [id, name]), [[granted.data.id, 'hey-api.jpg']]);
const { data: details } = await getPhoto({ path: { id: granted.data.id } });
assert(details);
await readObject(details);
const deleted = await deletePhoto({ path: { id: granted.data.id } });
assert.equal(deleted.response?.status, 204);

const refused = await writePhoto({ body: { id: unknownId } });
const code: ErrorCode | undefined = refused.error?.code;
assert.equal(code, 'GrantExpired');

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import { photo, readObject, storeObject, unknownId } from './photo.js';
import type { paths } from './generated/openapi-typescript.js';

const api = createClient<paths>({ baseUrl: process.env.API!, headers: { Authorization: process.env.TOKEN! } });

const granted = await api.POST('/photos/uploads', { body: { name: 'openapi-typescript.heif', contentType: 'image/heif', size: photo.length } });
assert(granted.data, granted.error?.message);
const method: 'PUT' = granted.data.upload.method;
await storeObject({ ...granted.data.upload, method });
const written = await api.POST('/photos', { body: { id: granted.data.id } });
assert.equal(written.data?.contentType, 'image/heic');

const listed = await api.GET('/photos', { params: { query: { limit: 1 } } });
assert.deepEqual(listed.data?.photos.map(({ id, name }) => [id, name]), [[granted.data.id, 'openapi-typescript.heif']]);
const { data: details } = await api.GET('/photos/{id}', { params: { path: { id: granted.data.id } } });
assert(details);
await readObject(details);
const deleted = await api.DELETE('/photos/{id}', { params: { path: { id: granted.data.id } } });
assert.equal(deleted.response.status, 204);

const refused = await api.POST('/photos', { body: { id: unknownId } });
assert.equal(refused.error?.code satisfies 'GrantExpired' | string | undefined, 'GrantExpired');

// S3 on this machine: s3rver, with what the functions and their clients rely on and s3rver does not do.
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { guard, hasSpace, isDiskFull, report } from './server.mjs';

const require = createRequire(import.meta.url);

/** Starts S3. Returns its port. */
export async function startS3({ directory, incoming, port, buckets }, { address, reserveBytes }) {
  mkdirSync(directory, { recursive: true });
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming);
  // Before s3rver's routes are loaded, because they capture some of these functions.
  patchS3rver(incoming, reserveBytes);
  const S3rver = require('@20minutes/s3rver');
  const S3Error = require('@20minutes/s3rver/lib/models/error');
  const server = new S3rver({
    address,
    port,
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: buckets.map(({ name, cors }) => ({ name, configs: cors ? [cors] : [] })),
  });
  patchDelete(server.store);
  patchList(server.store);
  correctCanonicalRequest(server);
  server.on('error', (error) => {
    const isResponse = error instanceof S3Error;
    const isDisconnect = error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isResponse && !isDisconnect) {
      report(error);
    }
  });
  const { port: actualPort } = await server.run();
  guard(server.httpServer, (response, status) => {
    const errors = {
      400: () => new S3Error('InvalidURI', 'The URI cannot be parsed.'),
      403: () => new S3Error('AccessDenied', 'Access Denied'),
      500: () => S3Error.fromError(new Error()),
    };
    const body = Buffer.from(errors[status]().toXML());
    response.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).end(body);
  });
  return actualPort;
}

/** The version id of every object in a bucket without versions. */
const onlyVersion = 'null';

let lastChange = Promise.resolve();

/** Runs changes of objects one after another, so that what a change has checked is still true when it writes. */
function serialize(change) {
  const result = lastChange.then(change);
  lastChange = result.catch(() => {});
  return result;
}

/**
 * Adds what the functions and their clients rely on in S3 and s3rver does not do: it rejects unsigned requests and unsigned
 * x-amz-* headers, supports If-None-Match: * and x-amz-tagging, lists versions, and stores an object completely or not at all.
 */
function patchS3rver(incoming, reserveBytes) {
  const buckets = require('@20minutes/s3rver/lib/controllers/bucket');
  const objects = require('@20minutes/s3rver/lib/controllers/object');
  const S3Error = require('@20minutes/s3rver/lib/models/error');
  const S3Object = require('@20minutes/s3rver/lib/models/object');
  const { TaggingConfiguration } = require('@20minutes/s3rver/lib/models/config');
  const { aws4SignatureBodyParser } = require('@20minutes/s3rver/lib/signature/v4');

  refuseAnonymous(S3Error);
  const slowDown = () => new S3Error('SlowDown', 'The disk is full. Free space in the folder of the data, then send the request again.');
  const { fromError } = S3Error;
  S3Error.fromError = (error) => (isDiskFull(error) ? slowDown() : fromError(error));

  const { bucketExists } = buckets;
  buckets.bucketExists = async (context, next) => {
    const unsigned = unsignedHeaders(context);
    if (unsigned.length > 0) {
      throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
        HeadersNotSigned: unsigned.join(', '),
      });
    }
    if ((context.query.versionId ?? onlyVersion) !== onlyVersion) {
      throw new S3Error('InvalidArgument', 'Invalid version id specified');
    }
    if (context.method === 'GET' && !context.params.key && 'versions' in context.query) {
      await bucketExists(context);
      context.body = await listVersions(context);
      return;
    }
    await bucketExists(context, next);
  };

  const { getBucket } = buckets;
  buckets.getBucket = (context) => (context.query['list-type'] === '2' ? listObjectsV2(context, getBucket) : getBucket(context));

  objects.putObject = async (context) => {
    const { store, headers } = context;
    const { bucket, key } = context.params;
    const createOnly = headers['if-none-match'] === '*';
    const rejectSecond = async () => {
      if (createOnly && (await store.existsObject(bucket, key))) {
        throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
          Condition: 'If-None-Match',
        });
      }
    };
    const tags = taggingXml(headers['x-amz-tagging']);
    if (tags === undefined) {
      throw new S3Error('InvalidArgument', 'The header x-amz-tagging contains a tag that is not valid.');
    }
    if (!(await hasSpace(incoming, Number(headers['content-length'] ?? 0), reserveBytes))) {
      throw slowDown();
    }
    // Checked before the body, so that a late client need not send it, and again before the object is written.
    await rejectSecond();
    aws4SignatureBodyParser(context);
    const object = new S3Object(bucket, key, context.request.body, headers);
    const draft = path.join(incoming, randomUUID());
    try {
      const [, md5] = await store.putContent(draft, object.content);
      await serialize(async () => {
        await rejectSecond();
        const target = store.getResourcePath(bucket, key, 'object');
        await mkdir(path.dirname(target), { recursive: true });
        await store.putMetadata(bucket, key, object.metadata, md5);
        await store.putSubresource(bucket, key, new TaggingConfiguration(tags));
        await rename(draft, target);
      });
      context.etag = md5;
      context.body = '';
    } finally {
      await rm(draft, { force: true });
    }
  };

  // The source of a copy is encoded like a part of a URL, and s3rver decodes it like a whole one, which leaves %2F and %23.
  const { putObjectCopy } = objects;
  objects.putObjectCopy = (context) => {
    context.headers['x-amz-copy-source'] = encodeURI(decodeURIComponent(context.headers['x-amz-copy-source']));
    return putObjectCopy(context);
  };
}

/**
 * ListObjectsV2 by version 1, because s3rver encrypts continuation tokens with DES, which OpenSSL 3 does not have:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
async function listObjectsV2(context, listObjects) {
  const { query } = context;
  const token = query['continuation-token'];
  query.marker = token ? Buffer.from(token, 'base64url').toString() : query['start-after'];
  for (const parameter of ['list-type', 'continuation-token', 'start-after']) {
    delete query[parameter];
  }
  await listObjects(context);
  const { Marker: startAfter, NextMarker: nextMarker, ...page } = context.body.ListBucketResult;
  const last = nextMarker ?? page.Contents.at(-1)?.Key;
  context.body = {
    ListBucketResult: {
      ...page,
      KeyCount: page.Contents.length + page.CommonPrefixes.length,
      StartAfter: token ? undefined : startAfter,
      ContinuationToken: token,
      NextContinuationToken: page.IsTruncated ? Buffer.from(last).toString('base64url') : undefined,
    },
  };
}

/**
 * Refuses every request without a signature but preflights: s3rver lists and creates buckets for anyone. The key is well known, so a web
 * page may use only single objects, whose keys it cannot guess: it may not list them.
 */
function refuseAnonymous(S3Error) {
  const file = require.resolve('@20minutes/s3rver/lib/middleware/authentication');
  const authentication = require(file);
  require.cache[file].exports = () => {
    const authenticate = authentication();
    return (context, next) =>
      authenticate(context, () => {
        const isPreflight = context.method === 'OPTIONS';
        if (!isPreflight && (!context.state.account || (context.get('Origin') && !context.params.key))) {
          throw new S3Error('AccessDenied', 'Access Denied');
        }
        return next();
      });
  };
}

/**
 * The x-amz-* headers of a presigned request that its signature does not cover. S3 rejects such a request:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function unsignedHeaders({ query, req }) {
  const signed = query['X-Amz-SignedHeaders']?.split(';');
  const names = req.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return signed ? names.filter((name) => name.startsWith('x-amz-') && !signed.includes(name)) : [];
}

/** ListObjectVersions of a bucket that has never had versions: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
async function listVersions({ store, params: { bucket }, query }) {
  const { prefix = '', 'key-marker': startAfter = '' } = query;
  const maxKeys = Math.min(Number(query['max-keys'] ?? 1000), 1000);
  const { objects, isTruncated } = await store.listObjects(bucket, { prefix, startAfter, maxKeys });
  return {
    ListVersionsResult: {
      '@': { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' },
      Name: bucket,
      Prefix: prefix,
      KeyMarker: startAfter,
      NextKeyMarker: isTruncated ? objects.at(-1).key : undefined,
      NextVersionIdMarker: isTruncated ? onlyVersion : undefined,
      MaxKeys: maxKeys,
      IsTruncated: isTruncated,
      Version: objects.map(({ key, lastModifiedDate, metadata, size }) => ({
        Key: key,
        VersionId: onlyVersion,
        IsLatest: true,
        LastModified: lastModifiedDate.toISOString(),
        ETag: metadata.etag,
        Size: size,
        StorageClass: 'STANDARD',
      })),
    },
  };
}

/** s3rver keeps the tags of a deleted object, and may delete a folder that an upload is about to use. */
function patchDelete(store) {
  const deleteObject = store.deleteObject.bind(store);
  store.deleteObject = (bucket, key) =>
    serialize(async () => {
      if (await store.existsObject(bucket, key)) {
        await store.deleteSubresource(bucket, key, 'tagging');
        await deleteObject(bucket, key);
      }
    });
}

/** s3rver fails to list objects when a file or a folder that it has found is removed before it looks at it. */
function patchList(store) {
  const maxTries = 20;
  const listObjects = store.listObjects.bind(store);
  store.listObjects = async (bucket, options) => {
    for (let tries = 1; ; tries++) {
      try {
        return await listObjects(bucket, options);
      } catch (error) {
        if (error.code !== 'ENOENT' || tries === maxTries) {
          throw error;
        }
      }
    }
  };
}

/**
 * s3rver checks the signature of a request for a bucket against the path "/name". Some SDKs send and sign "/name/". And it leaves !'()* in
 * a query, which a canonical query encodes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function correctCanonicalRequest(server) {
  const v4 = require('@20minutes/s3rver/lib/signature/v4');
  const signedPath = Symbol('signed path');
  server.middleware.unshift((context, next) => {
    if (/^\/[^/]+\/$/.test(context.path)) {
      context.headers[signedPath] = context.path;
    }
    return next();
  });
  const { getStringToSign } = v4;
  v4.getStringToSign = (request, signature) => {
    const querystring = request.querystring.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
    return getStringToSign({ ...request, uri: request.headers[signedPath] ?? request.uri, querystring }, signature);
  };
}

/** The tags of an x-amz-tagging header, key1=value1&key2=value2, as s3rver stores them; undefined if S3 does not allow one of them. */
function taggingXml(header = '') {
  const tags = [...new URLSearchParams(header)];
  return tags.flat().every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
    ? `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`
    : undefined;
}


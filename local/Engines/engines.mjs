// Runs the local engines: node engines.mjs
// '{"address","dynamoDb":{"directory","port"},"s3":{"directory","incoming","port","bucket","cors"}}', either of the two left out. Once they listen it prints one line, {"dynamoDb":<port>,"s3":<port>}.
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { address, dynamoDb, s3 } = JSON.parse(process.argv[2]);

// The host holds this pipe and never writes to it. It closes however the host ends, so no orphan keeps the data locked.
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
// Ctrl+C reaches the whole process group; the host ends first and closes the pipe.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => {
  console.error(error.syscall === 'listen' ? error.message : error);
  process.exit(1);
});

async function startDynamoDb({ directory, port }) {
  mkdirSync(directory, { recursive: true });
  await unlocked(directory);
  const server = require('dynalite')({ path: directory, createTableMs: 0 });
  // dynalite throws, which would end this process, when a client hangs up in mid-request: a function killed for its
  // time-out does just that.
  server.on('request', (request) => request.removeAllListeners('error').on('error', () => {}));
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return server.address().port;
}

/** Waits while the engine of a host that was killed a moment ago lets go of the data. */
async function unlocked(directory) {
  const { Level } = createRequire(require.resolve('dynalite'))('level');
  const patience = Date.now() + 5000;
  for (;;) {
    const database = new Level(directory);
    try {
      await database.open();
      await database.close();
      return;
    } catch (error) {
      if (error.cause?.code !== 'LEVEL_LOCKED' || Date.now() > patience) throw error;
      await delay(50);
    }
  }
}

async function startS3({ directory, incoming, port, bucket, cors }) {
  mkdirSync(directory, { recursive: true });
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming);
  // Before s3rver's routes are loaded, since they capture some of these functions.
  mendS3rver(incoming);
  const S3rver = require('@20minutes/s3rver');
  const S3Error = require('@20minutes/s3rver/lib/models/error');
  const server = new S3rver({
    address,
    port,
    directory,
    silent: true,
    vhostBuckets: false,
    // By S3's API is no way: s3rver refuses how the .NET SDK signs a request for a bucket, "/name/".
    configureBuckets: [{ name: bucket, configs: cors ? [cors] : [] }],
  });
  mendDelete(server.store);
  server.on('error', (error) => {
    const isAnswer = error instanceof S3Error;
    const isHangUp = error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isAnswer && !isHangUp) {
      console.error(error);
    }
  });
  return (await server.run()).port;
}

let turn = Promise.resolve();

/** Runs changes of objects one after another: what one sees is still so when it writes. */
function inTurn(change) {
  const result = turn.then(change);
  turn = result.catch(() => {});
  return result;
}

/**
 * Makes s3rver do what the functions and their callers rely on in S3: no object without a signature, If-None-Match: *,
 * x-amz-tagging, and an object that is there whole or not at all.
 */
function mendS3rver(incoming) {
  const buckets = require('@20minutes/s3rver/lib/controllers/bucket');
  const objects = require('@20minutes/s3rver/lib/controllers/object');
  const S3Error = require('@20minutes/s3rver/lib/models/error');
  const S3Object = require('@20minutes/s3rver/lib/models/object');
  const { TaggingConfiguration } = require('@20minutes/s3rver/lib/models/config');
  const { aws4SignatureBodyParser } = require('@20minutes/s3rver/lib/signature/v4');

  const { bucketExists } = buckets;
  buckets.bucketExists = (context, next) => {
    if (!context.state.account && context.method !== 'OPTIONS') {
      throw new S3Error('AccessDenied', 'Access Denied');
    }
    return bucketExists(context, next);
  };

  objects.putObject = async (context) => {
    const { store, headers } = context;
    const { bucket, key } = context.params;
    const createOnly = headers['if-none-match'] === '*';
    const refuseSecond = async () => {
      if (createOnly && (await store.existsObject(bucket, key))) {
        throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
          Condition: 'If-None-Match',
        });
      }
    };
    const tags = taggingXml(headers['x-amz-tagging']);
    if (tags === undefined) {
      throw new S3Error('InvalidArgument', 'The header x-amz-tagging holds a tag that is not valid.');
    }
    // Once before the body, to spare a client that is too late the sending of it; once more when it counts.
    await refuseSecond();
    aws4SignatureBodyParser(context);
    const object = new S3Object(bucket, key, context.request.body, headers);
    const draft = path.join(incoming, randomUUID());
    try {
      const [, md5] = await store.putContent(draft, object.content);
      await inTurn(async () => {
        await refuseSecond();
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
}

/** s3rver leaves an object's tags behind, and may sweep away a folder that an upload is about to use. */
function mendDelete(store) {
  const deleteObject = store.deleteObject.bind(store);
  store.deleteObject = (bucket, key) =>
    inTurn(async () => {
      if (await store.existsObject(bucket, key)) {
        await store.deleteSubresource(bucket, key, 'tagging');
        await deleteObject(bucket, key);
      }
    });
}

/** The tags of an x-amz-tagging header, key1=value1&key2=value2, as s3rver keeps them; undefined when S3 allows no such tag. */
function taggingXml(header = '') {
  const tags = [...new URLSearchParams(header)];
  return tags.flat().every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
    ? `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`
    : undefined;
}

try {
  console.log(
    JSON.stringify({
      dynamoDb: dynamoDb && (await startDynamoDb(dynamoDb)),
      s3: s3 && (await startS3(s3)),
    }),
  );
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exit(1);
}

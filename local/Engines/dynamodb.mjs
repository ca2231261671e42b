// DynamoDB on this machine: dynalite, with streams, time to live and the items of failed conditions, which dynalite does not have.
import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Changes } from './changes.mjs';
import { Indexes } from './indexes.mjs';
import { failOnce, guard, hasSpace, isDiskFull, report } from './server.mjs';
import { refusal } from './signature.mjs';
import { Streams } from './streams.mjs';
import { TimeToLive } from './time-to-live.mjs';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

const defaultTtlIntervalMs = 5000;
const maxRequestBytes = 16 * 1024 * 1024;
const diskFull = 'The disk is full. Free space in the folder of the data, then send the request again.';

/** Starts DynamoDB. Returns its port. */
export async function startDynamoDb({ directory, port, ttlIntervalMs = defaultTtlIntervalMs }, { address, credentials, reserveBytes }) {
  mkdirSync(directory, { recursive: true });
  await unlocked(directory);
  // Before dynalite's actions are loaded, because they capture some of these functions.
  returnItemsOfFailedConditions();
  let store;
  const { create } = db;
  db.create = (options) => (store = create(options));
  const changes = new Changes();
  const indexes = new Indexes(changes);
  const streams = new Streams(changes);
  const timeToLive = new TimeToLive(changes);
  returnUnexpectedErrors();
  const server = require('dynalite')({ path: directory, createTableMs: 0 });
  await changes.start(store);
  indexes.start(store);
  await streams.start(store);
  await timeToLive.start(store, ttlIntervalMs);
  const [dynalite] = server.listeners('request');
  server.removeListener('request', dynalite);
  const operations = { ...streams.operations, ...timeToLive.operations };
  server.on('request', (request, response) => {
    const handle = { dynalite, operations, credentials, hasSpace: () => hasSpace(directory, 0, reserveBytes) };
    serve(handle, request, response).catch((error) => {
      if (request.destroyed && !request.complete) {
        // The client disconnected, as a function does that is killed at its timeout.
        response.destroy();
        return;
      }
      report(error);
      failOnce(response, fail);
    });
  });
  guard(server, fail);
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return server.address().port;
}

/** Waits while the engine of a host that has just been killed still locks the data. */
async function unlocked(directory) {
  const { Level } = createRequire(require.resolve('dynalite'))('level');
  const deadline = Date.now() + 5000;
  for (;;) {
    const database = new Level(directory);
    try {
      await database.open();
      await database.close();
      return;
    } catch (error) {
      if (error.cause?.code !== 'LEVEL_LOCKED' || Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

/** ReturnValuesOnConditionCheckFailure: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html */
function returnItemsOfFailedConditions() {
  for (const action of ['putItem', 'updateItem', 'deleteItem']) {
    require(`dynalite/validations/${action}`).types.ReturnValuesOnConditionCheckFailure = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const { checkConditional } = db;
  db.checkConditional = (request, item) => {
    const error = checkConditional(request, item);
    if (error && item && request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD') {
      error.body.Item = item;
    }
    return error;
  };
}

/** An error that an action does not expect, such as a failed write, becomes a response. dynalite would throw it, which ends this process. */
function returnUnexpectedErrors() {
  const directory = path.dirname(require.resolve('dynalite/actions/putItem'));
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.js'))) {
    const file = path.join(directory, name);
    const action = require(file);
    require.cache[file].exports = (store, request, done) =>
      action(store, request, (error, result) => done(error && !error.statusCode ? unexpected(error) : error, result));
  }
}

function unexpected(error) {
  report(error);
  if (['LEVEL_IO_ERROR', 'LEVEL_CORRUPTION'].includes(error.code) || isDiskFull(error)) {
    // The database may have a part of the write in its log. When it is opened again, it removes that part.
    setTimeout(() => process.exit(1), 100);
  }
  return isDiskFull(error)
    ? Object.assign(error, { statusCode: 503, body: errorBody('ServiceUnavailable', diskFull) })
    : Object.assign(error, { statusCode: 500, body: internalError });
}

/** Serves a request: only a signed one, and none that a web page sends, because the key is well known. */
async function serve({ dynalite, operations, credentials, hasSpace: hasEnoughSpace }, request, response) {
  if (request.headers.origin !== undefined) {
    request.resume();
    fail(response, 403);
    return;
  }
  const body = await read(request);
  if (!body) {
    send(response, 413, errorBody('SerializationException', `The request is larger than ${maxRequestBytes} bytes.`));
    return;
  }
  const refused = refusal(request, body, credentials);
  if (refused) {
    send(response, 400, { __type: `com.amazon.coral.service#${refused.type}`, message: refused.message });
    return;
  }
  const target = request.headers['x-amz-target'];
  if (!/\.(Batch)?(Get|Describe|List|Query|Scan)/.test(target) && !(await hasEnoughSpace())) {
    send(response, 503, errorBody('ServiceUnavailable', diskFull));
    return;
  }
  if (operations[target]) {
    await runOperation(operations[target], body, response);
    return;
  }
  // dynalite handles the body in its listeners, so what they throw is thrown here.
  const { method, url, headers } = request;
  const complete = Object.assign(new EventEmitter(), { method, url, headers });
  dynalite(complete, response);
  if (body.length > 0) complete.emit('data', body);
  complete.emit('end');
}

/** The body of a request; undefined if it is too large. */
async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= maxRequestBytes) chunks.push(chunk);
  }
  return length <= maxRequestBytes ? Buffer.concat(chunks) : undefined;
}

/** Runs an operation that dynalite does not have. */
async function runOperation(operation, body, response) {
  try {
    send(response, 200, await operation(JSON.parse(body.toString() || '{}') ?? {}));
  } catch (error) {
    if (error instanceof SyntaxError) {
      send(response, 400, { __type: 'com.amazon.coral.service#SerializationException' });
      return;
    }
    const { statusCode, body: result } = error.statusCode ? error : unexpected(error);
    send(response, statusCode, result);
  }
}

function fail(response, status) {
  const errors = { 400: { __type: 'com.amazon.coral.service#UnknownOperationException' }, 403: foreignPage, 500: internalError };
  send(response, status, errors[status]);
}

function send(response, status, result) {
  const body = Buffer.from(JSON.stringify(result));
  response.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.0',
    'Content-Length': body.length,
    'x-amzn-RequestId': crypto.randomUUID(),
  });
  response.end(body);
}

const errorBody = (type, message) => ({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message });
const foreignPage = errorBody('AccessDeniedException', 'Web pages may not use this engine, nor any name of this machine but localhost or its IP address.');
const internalError = errorBody('InternalServerError', 'The request processing has failed because of an unknown error, exception or failure.');

// DynamoDB on this machine: dynalite, with streams, time to live and the items of failed conditions, which dynalite does not have.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { Changes } from './changes.mjs';
import { Streams } from './streams.mjs';
import { TimeToLive } from './time-to-live.mjs';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

const defaultTtlIntervalMs = 5000;

/** Starts DynamoDB. Returns its port. */
export async function startDynamoDb({ directory, port, ttlIntervalMs = defaultTtlIntervalMs }, address) {
  mkdirSync(directory, { recursive: true });
  await unlocked(directory);
  // Before dynalite's actions are loaded, because they capture some of these functions.
  returnItemsOfFailedConditions();
  let store;
  const { create } = db;
  db.create = (options) => (store = create(options));
  const changes = new Changes();
  const streams = new Streams(changes);
  const timeToLive = new TimeToLive(changes);
  const server = require('dynalite')({ path: directory, createTableMs: 0 });
  await changes.start(store);
  await streams.start(store);
  await timeToLive.start(store, ttlIntervalMs);
  serveOperations(server, { ...streams.operations, ...timeToLive.operations });
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

/** Serves the operations that dynalite does not have, by their X-Amz-Target, and passes the other requests to dynalite. */
function serveOperations(server, operations) {
  const [dynalite] = server.listeners('request');
  server.removeListener('request', dynalite);
  server.on('request', (request, response) => {
    const operation = request.headers.authorization && operations[request.headers['x-amz-target']];
    if (operation) {
      serve(operation, request, response).catch(() => response.destroy());
      return;
    }
    dynalite(request, response);
    // When a client disconnects during a request, as a function does that is killed at its timeout, dynalite throws an error,
    // which would end this process.
    request.removeAllListeners('error').on('error', () => {});
  });
}

async function serve(operation, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let status = 200;
  let result;
  try {
    result = await operation(JSON.parse(Buffer.concat(chunks).toString() || '{}'));
  } catch (error) {
    if (!error.statusCode) console.error(error);
    status = error.statusCode ?? 500;
    result = error.body ?? { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: error.message };
  }
  const body = Buffer.from(JSON.stringify(result));
  response.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.0',
    'Content-Length': body.length,
    'x-amzn-RequestId': crypto.randomUUID(),
  });
  response.end(body);
}

// DynamoDB Streams for dynalite: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
// A stream has one shard. Its records are stored with the table, for a day.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { getTable, serviceError, tableNames } from './changes.mjs';
import { report } from './server.mjs';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

const retentionMs = 24 * 60 * 60 * 1000;
const trimIntervalMs = 60 * 60 * 1000;
const maxRecords = 1000;
const shardId = 'shardId-00000000000000000001-00000001';
const lastKey = 'streams-last';

const streamSpecification = {
  type: 'FieldStruct<StreamSpecification>',
  children: {
    StreamEnabled: { type: 'Boolean', notNull: true },
    StreamViewType: { type: 'String', enum: ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] },
  },
};

export class Streams {
  #store;
  #last;

  operations = {
    'DynamoDBStreams_20120810.ListStreams': (request) => this.#list(request),
    'DynamoDBStreams_20120810.DescribeStream': (request) => this.#describe(request),
    'DynamoDBStreams_20120810.GetShardIterator': (request) => this.#iterator(request),
    'DynamoDBStreams_20120810.GetRecords': (request) => this.#records(request),
  };

  constructor(changes) {
    const createTable = require('dynalite/validations/createTable');
    const { custom } = createTable;
    createTable.types.StreamSpecification = streamSpecification;
    createTable.custom = (request, store) => custom(request, store) ?? specify(request, request.StreamSpecification, store);
    acceptInUpdateTable();
    changes.observe((change) => this.#record(change));
  }

  async start(store) {
    this.#store = store;
    this.#last = (await store.db.get(lastKey)) ?? 0;
    const trim = () => this.#trim().catch(report);
    await this.#trim();
    setInterval(trim, trimIntervalMs).unref();
  }

  /** The writes that add a change's record to the stream of its table. */
  #record({ table, oldItem, newItem, userIdentity }) {
    const [oldImage, newImage] = [plain(oldItem), plain(newItem)];
    if (!table.StreamSpecification?.StreamEnabled || isDeepStrictEqual(oldImage, newImage)) {
      return [];
    }
    this.#last += 1;
    const sequenceNumber = format(this.#last);
    const view = table.StreamSpecification.StreamViewType;
    const keys = Object.fromEntries(table.KeySchema.map(({ AttributeName }) => [AttributeName, (newImage ?? oldImage)[AttributeName]]));
    const images = {
      Keys: keys,
      NewImage: view.startsWith('NEW_') ? newImage : undefined,
      OldImage: view.endsWith('OLD_IMAGES') || view === 'OLD_IMAGE' ? oldImage : undefined,
    };
    const record = {
      eventID: randomUUID().replaceAll('-', ''),
      eventName: oldImage ? (newImage ? 'MODIFY' : 'REMOVE') : 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#store.tableDb.awsRegion,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        ...images,
        SequenceNumber: sequenceNumber,
        SizeBytes: Object.values(images).reduce((size, image) => size + (image ? db.itemSize(image) : 0), 0),
        StreamViewType: view,
      },
      userIdentity,
    };
    return [
      { type: 'put', key: recordKey(table.LatestStreamArn, sequenceNumber), value: record },
      { type: 'put', key: lastKey, value: this.#last },
    ];
  }

  async #list({ TableName: tableName, ExclusiveStartStreamArn: after, Limit: limit = 100 }) {
    const tables = await Promise.all((await tableNames(this.#store)).map((name) => getTable(this.#store, name)));
    const streams = tables
      .filter((table) => table.LatestStreamArn && (!tableName || table.TableName === tableName) && !(after && table.LatestStreamArn <= after))
      .sort((a, b) => (a.LatestStreamArn < b.LatestStreamArn ? -1 : 1))
      .map((table) => ({ StreamArn: table.LatestStreamArn, TableName: table.TableName, StreamLabel: table.LatestStreamLabel }));
    const page = streams.slice(0, limit);
    return { Streams: page, LastEvaluatedStreamArn: page.length < streams.length ? page.at(-1).StreamArn : undefined };
  }

  async #describe({ StreamArn: arn, ExclusiveStartShardId: after }) {
    const table = await this.#tableOf(arn);
    return {
      StreamDescription: {
        StreamArn: arn,
        StreamLabel: table.LatestStreamLabel,
        StreamStatus: table.StreamSpecification ? 'ENABLED' : 'DISABLED',
        StreamViewType: table.StreamSpecification?.StreamViewType,
        CreationRequestDateTime: Date.parse(`${table.LatestStreamLabel}Z`) / 1000,
        TableName: table.TableName,
        KeySchema: table.KeySchema,
        Shards: after ? [] : [{ ShardId: shardId, SequenceNumberRange: { StartingSequenceNumber: format(0) } }],
      },
    };
  }

  async #iterator({ StreamArn: arn, ShardId: shard, ShardIteratorType: type, SequenceNumber: number }) {
    await this.#tableOf(arn);
    if (shard !== shardId) {
      throw serviceError('ResourceNotFoundException', `Requested resource not found: Shard: ${shard} not found`);
    }
    const ranges = {
      TRIM_HORIZON: { gte: '' },
      LATEST: { gt: format(this.#last) },
      AT_SEQUENCE_NUMBER: { gte: number },
      AFTER_SEQUENCE_NUMBER: { gt: number },
    };
    if (!ranges[type] || (type.endsWith('SEQUENCE_NUMBER') && !number)) {
      throw serviceError('ValidationException', 'ShardIteratorType is not valid, or requires a SequenceNumber');
    }
    return { ShardIterator: encode({ arn, ...ranges[type] }) };
  }

  async #records({ ShardIterator: iterator, Limit: limit = maxRecords }) {
    const { arn, gt, gte } = decode(iterator);
    const range = gt === undefined ? { gte: recordKey(arn, gte) } : { gt: recordKey(arn, gt) };
    const records = await this.#store.db.values({ ...range, lt: `${recordKey(arn, '')}\x7f`, limit: Math.min(limit, maxRecords) }).all();
    const next = records.length > 0 ? encode({ arn, gt: records.at(-1).dynamodb.SequenceNumber }) : iterator;
    return { Records: records, NextShardIterator: next };
  }

  async #tableOf(arn) {
    const name = /:table\/([^/]+)\/stream\//.exec(arn)?.[1] ?? '';
    const table = await getTable(this.#store, name).catch(() => undefined);
    if (!arn || table?.LatestStreamArn !== arn) {
      throw serviceError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`);
    }
    return table;
  }

  async #trim() {
    const { Streams: streams } = await this.#list({ Limit: Infinity });
    for (const { StreamArn: arn } of streams) {
      const oldest = (Date.now() - retentionMs) / 1000;
      for await (const [key, record] of this.#store.db.iterator({ gte: recordKey(arn, ''), lt: `${recordKey(arn, '')}\x7f` })) {
        if (record.dynamodb.ApproximateCreationDateTime > oldest) break;
        await this.#store.db.del(key);
      }
    }
  }
}

/** UpdateTable enables and disables a stream. */
function acceptInUpdateTable() {
  const validation = require('dynalite/validations/updateTable');
  const { custom } = validation;
  validation.types.StreamSpecification = streamSpecification;
  validation.custom = (request) => (request.StreamSpecification ? undefined : custom(request));
  const file = require.resolve('dynalite/actions/updateTable');
  const updateTable = require(file);
  require.cache[file].exports = (store, request, done) => {
    if (!request.StreamSpecification) {
      updateTable(store, request, done);
      return;
    }
    store.getTable(request.TableName, false, (error, table) => {
      if (error) {
        done(error);
        return;
      }
      if (Boolean(table.StreamSpecification) === request.StreamSpecification.StreamEnabled) {
        done(serviceError('ValidationException', `Table already has ${table.StreamSpecification ? 'an enabled' : 'a disabled'} stream`));
        return;
      }
      const message = specify(table, request.StreamSpecification, store);
      if (message) {
        done(db.validationError(message));
        return;
      }
      store.tableDb.put(request.TableName, table, (failure) => done(failure, { TableDescription: table }));
    });
  };
}

/** Sets the stream of a table. Returns what is wrong with the specification. */
function specify(table, specification, store) {
  delete table.StreamSpecification;
  if (!specification?.StreamEnabled) {
    return undefined;
  }
  if (!specification.StreamViewType) {
    return 'One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true';
  }
  const { awsRegion, awsAccountId } = store.tableDb;
  table.StreamSpecification = specification;
  table.LatestStreamLabel = new Date().toISOString().slice(0, -1);
  table.LatestStreamArn = `arn:aws:dynamodb:${awsRegion}:${awsAccountId}:table/${table.TableName}/stream/${table.LatestStreamLabel}`;
  return undefined;
}

/** An item as JSON holds it. dynalite's items may share objects with a request, or have no prototype. */
const plain = (item) => (item ? JSON.parse(JSON.stringify(item)) : undefined);

/** A sequence number, all of one length so that keys sort by it. */
const format = (number) => `1${String(number).padStart(20, '0')}`;

const recordKey = (arn, sequenceNumber) => `stream-record~${arn}~${sequenceNumber}`;

const encode = (position) => Buffer.from(JSON.stringify(position)).toString('base64url');

function decode(iterator) {
  try {
    return JSON.parse(Buffer.from(iterator, 'base64url').toString()) ?? {};
  } catch {
    throw serviceError('ValidationException', 'Invalid ShardIterator');
  }
}

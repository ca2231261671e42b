// Global secondary indexes for dynalite: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
// dynalite has them too, but writes them apart from the items, adds none to a table that exists, and gives two items one entry when
// a hash of 24 bits of their keys is the same.
import { createRequire } from 'node:module';
import { itemKey } from './changes.mjs';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

export class Indexes {
  #store;
  #changes;

  constructor(changes) {
    this.#changes = changes;
    // Queries make the key of their start with this function.
    db.createIndexKey = (item, table, keySchema) => db.createKey(item, table, keySchema) + db.createKey(item, table);
    this.#acceptInUpdateTable();
    changes.observe(({ table, oldItem, newItem }) => (table.GlobalSecondaryIndexes ?? []).flatMap((index) => entries(table, index, oldItem, newItem)));
  }

  start(store) {
    this.#store = store;
  }

  /** UpdateTable creates an index. Nothing else may write to the table until it has. */
  #acceptInUpdateTable() {
    const { types } = require('dynalite/validations/updateTable');
    // It knows only indexes with provisioned throughput.
    delete types.GlobalSecondaryIndexUpdates.children.children.Create.children.ProvisionedThroughput.notNull;
    const { notNull, ...attributeDefinitions } = require('dynalite/validations/createTable').types.AttributeDefinitions;
    types.AttributeDefinitions = attributeDefinitions;
    const file = require.resolve('dynalite/actions/updateTable');
    const updateTable = require(file);
    require.cache[file].exports = (store, request, done) => {
      const create = request.GlobalSecondaryIndexUpdates?.[0]?.Create;
      if (!create) {
        updateTable(store, request, done);
        return;
      }
      store.getTable(request.TableName, false, (error, table) => {
        if (error) {
          done(error);
          return;
        }
        this.#create(table, create, request.AttributeDefinitions ?? []).then(() => done(null, { TableDescription: table }), done);
      });
    };
  }

  async #create(table, { IndexName, KeySchema, Projection }, attributes) {
    if (table.GlobalSecondaryIndexes?.some((index) => index.IndexName === IndexName)) {
      throw db.validationError(`Attempting to create an index which already exists: ${IndexName}`);
    }
    const index = { IndexName, KeySchema, Projection, IndexStatus: 'ACTIVE', ItemCount: 0, IndexSizeBytes: 0 };
    table.AttributeDefinitions = attributes;
    table.GlobalSecondaryIndexes = [...(table.GlobalSecondaryIndexes ?? []), index];
    const prefix = itemKey(table.TableName, '');
    await this.#changes.serialize(async () => {
      for await (const [, item] of this.#store.db.iterator({ gte: prefix, lt: `${prefix}\x7f` })) {
        await this.#store.db.batch(entries(table, index, undefined, item));
      }
      await new Promise((resolve, reject) => this.#store.tableDb.put(table.TableName, table, (error) => (error ? reject(error) : resolve())));
    });
  }
}

/** The writes that keep an index equal to an item. */
function entries(table, { IndexName, KeySchema }, oldItem, newItem) {
  const [before, after] = [oldItem, newItem].map((item) =>
    KeySchema.every(({ AttributeName }) => item?.[AttributeName]) ? entryKey(table, IndexName, db.createIndexKey(item, table, KeySchema)) : undefined,
  );
  return [
    ...(before && before !== after ? [{ type: 'del', key: before }] : []),
    ...(after ? [{ type: 'put', key: after, value: newItem }] : []),
  ];
}

/** The key under which dynalite looks for an entry. */
const entryKey = ({ TableName: table }, index, key) => `index-global~${table}~${index}~${key}`;

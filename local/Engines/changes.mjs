// The changes of items in dynalite. Each change is written together with what follows from it, all or nothing.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

/** An error response of DynamoDB. */
export function serviceError(type, message) {
  return Object.assign(new Error(message), { statusCode: 400, body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message } });
}

export class Changes {
  #store;
  #observers = [];
  #writes = Promise.resolve();

  // What dynalite has announced for an item, until it writes the item. It locks the item in between.
  #announced = new Map();

  async start(store) {
    this.#store = store;
    db.updateIndexes = (store, table, oldItem, newItem, done) => {
      // It calls this also when it deletes an item that does not exist.
      if (oldItem || newItem) {
        this.#announced.set(name(table.TableName, db.createKey(oldItem ?? newItem, table)), { table, oldItem, newItem });
      }
      done();
    };
    const { getItemDb } = store;
    const replaced = new WeakSet();
    store.getItemDb = (tableName) => {
      const items = getItemDb(tableName);
      if (!replaced.has(items)) {
        replaced.add(items);
        items.put = (key, item, done) => this.#finish(tableName, key, done);
        items.del = (key, done) => this.#finish(tableName, key, done);
      }
      return items;
    };
    await store.db.open();
  }

  /**
   * Adds an observer: (change) => operations of a LevelDB batch. A change is { table, key, oldItem, newItem, userIdentity }.
   * Observers are called for one change after another.
   */
  observe(observer) {
    this.#observers.push(observer);
  }

  /** Runs writes one after another, so that the records of a stream become visible in their order. */
  serialize(write) {
    const result = this.#writes.then(write);
    this.#writes = result.catch(() => {});
    return result;
  }

  /** Deletes an item if a condition on it is true, as an operation of DynamoDB does. */
  async deleteIf(table, key, isTrue, userIdentity) {
    const items = this.#store.getItemDb(table.TableName);
    const release = await new Promise((resolve) => items.lock(key, resolve));
    try {
      const oldItem = await this.#store.db.get(itemKey(table.TableName, key));
      if (oldItem && isTrue(oldItem)) {
        await this.#write({ table, key, oldItem, newItem: undefined, userIdentity });
      }
    } finally {
      release()();
    }
  }

  #finish(tableName, key, done) {
    const change = this.#announced.get(name(tableName, key));
    this.#announced.delete(name(tableName, key));
    const written = change ? this.#write({ ...change, key }) : Promise.resolve();
    written.then(() => done(null), done);
  }

  #write(change) {
    return this.serialize(() => {
      const key = itemKey(change.table.TableName, change.key);
      const item = change.newItem ? { type: 'put', key, value: change.newItem } : { type: 'del', key };
      return this.#store.db.batch([item, ...this.#observers.flatMap((observer) => observer(change))]);
    });
  }
}

/** The description of a table. Throws if there is none. */
export function getTable(store, tableName) {
  return new Promise((resolve, reject) => store.getTable(tableName, false, (error, table) => (error ? reject(error) : resolve(table))));
}

/** The names of all tables. */
export async function tableNames(store) {
  const names = await store.db.keys({ gt: 'table~', lt: 'table\x7f' }).all();
  return names.map((key) => key.slice('table~'.length));
}

/** The key under which dynalite stores an item. */
export const itemKey = (tableName, key) => `item-${tableName}~${key}`;

const name = (tableName, key) => `${tableName}/${key}`;

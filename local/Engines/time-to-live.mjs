// Time to live for dynalite: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
import { getTable, itemKey, serviceError, tableNames } from './changes.mjs';
import { report } from './server.mjs';

const fiveYearsInSeconds = 5 * 365 * 24 * 60 * 60;
const maxItems = 1000;

/** Who deletes expired items, as the records of a stream name it. */
const service = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };

export class TimeToLive {
  #store;
  #changes;

  // The TTL attribute of each table that has one.
  #attributes = new Map();

  operations = {
    'DynamoDB_20120810.UpdateTimeToLive': (request) => this.#update(request),
    'DynamoDB_20120810.DescribeTimeToLive': (request) => this.#describe(request),
  };

  constructor(changes) {
    this.#changes = changes;
    changes.observe((change) => this.#index(change));
  }

  async start(store, intervalMs) {
    this.#store = store;
    for (const table of await tableNames(store)) {
      const attribute = await store.db.get(settingKey(table));
      if (attribute) this.#attributes.set(table, attribute);
    }
    const next = () => setTimeout(() => this.#sweep().catch(report).finally(next), intervalMs).unref();
    next();
  }

  /** The writes that keep the index of expiry times equal to the items. */
  #index({ table: { TableName: table }, key, oldItem, newItem }) {
    const attribute = this.#attributes.get(table);
    const [before, after] = [expiry(oldItem, attribute), expiry(newItem, attribute)];
    return [
      ...(before === undefined ? [] : [{ type: 'del', key: indexKey(table, before, key) }]),
      ...(after === undefined ? [] : [{ type: 'put', key: indexKey(table, after, key), value: 1 }]),
    ];
  }

  async #update({ TableName: table, TimeToLiveSpecification: specification }) {
    await getTable(this.#store, table);
    const { AttributeName: attribute, Enabled: enabled } = specification ?? {};
    const current = this.#attributes.get(table);
    if (!attribute || enabled === Boolean(current) || (current && attribute !== current)) {
      const message = current ? `TimeToLive is active on ${current}` : 'TimeToLive is already disabled, or AttributeName is missing';
      throw serviceError('ValidationException', enabled && current ? 'TimeToLive is already enabled' : message);
    }
    await this.#changes.serialize(async () => {
      await this.#store.db.clear(indexRange(table));
      if (enabled) {
        this.#attributes.set(table, attribute);
        await this.#store.db.put(settingKey(table), attribute);
        const prefix = itemKey(table, '');
        for await (const [key, newItem] of this.#store.db.iterator({ gte: prefix, lt: `${prefix}\x7f` })) {
          await this.#store.db.batch(this.#index({ table: { TableName: table }, key: key.slice(prefix.length), newItem }));
        }
      } else {
        this.#attributes.delete(table);
        await this.#store.db.del(settingKey(table));
      }
    });
    return { TimeToLiveSpecification: specification };
  }

  async #describe({ TableName: table }) {
    await getTable(this.#store, table);
    const attribute = this.#attributes.get(table);
    return { TimeToLiveDescription: attribute ? { TimeToLiveStatus: 'ENABLED', AttributeName: attribute } : { TimeToLiveStatus: 'DISABLED' } };
  }

  async #sweep() {
    for (const [name, attribute] of this.#attributes) {
      const table = await getTable(this.#store, name).catch(() => undefined);
      if (!table) {
        this.#attributes.delete(name);
        await this.#store.db.clear(indexRange(name));
        await this.#store.db.del(settingKey(name));
        continue;
      }
      const now = Math.floor(Date.now() / 1000);
      const prefix = indexKey(name, now - fiveYearsInSeconds, '');
      const expired = await this.#store.db.keys({ gte: prefix, lt: indexKey(name, now, ''), limit: maxItems }).all();
      for (const index of expired) {
        const isExpired = (item) => expiry(item, attribute) < now;
        await this.#changes.deleteIf(table, index.slice(prefix.length), isExpired, service);
      }
    }
  }
}

/** When an item expires, in whole seconds since 1970; undefined if it does not. Only numbers count. */
function expiry(item, attribute) {
  const seconds = attribute && Math.floor(Number(item?.[attribute]?.N));
  return seconds >= 0 && seconds < 1e11 ? seconds : undefined;
}

const settingKey = (table) => `ttl~${table}`;
const indexKey = (table, seconds, key) => `ttl-item~${table}~${String(seconds).padStart(12, '0')}~${key}`;
const indexRange = (table) => ({ gte: `ttl-item~${table}~`, lt: `ttl-item~${table}\x7f` });

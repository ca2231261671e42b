// The three functions in Node.js with the AWS SDK, on a Runtime API loop of its own, for make bench to compare with.
import { Agent, request } from 'node:http';
import { DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const { _HANDLER, ALLOWED_ORIGIN, AWS_LAMBDA_RUNTIME_API, PHOTO_BUCKET: Bucket, PHOTO_TABLE: TableName } = process.env;
const table = new DynamoDBClient();
const bucket = new S3Client({ forcePathStyle: true });

async function view(user, item) {
  const id = item.photoId.S;
  const url = await getSignedUrl(bucket, new GetObjectCommand({ Bucket, Key: `private/${user}/${id}` }), { expiresIn: 900 });
  return { id, name: item.name.S, date: item.date.S, size: Number(item.size.N), contentType: item.contentType.S, url };
}

const handlers = {
  async ListPhotos(user, event) {
    const page = await table.send(new QueryCommand({
      TableName,
      KeyConditionExpression: 'id = :user',
      FilterExpression: 'attribute_not_exists(#state)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':user': { S: user } },
      ScanIndexForward: false,
      Limit: Number(event.queryStringParameters.limit) + 1,
      ConsistentRead: true,
    }));
    return [200, { id: user, photos: await Promise.all(page.Items.map(item => view(user, item))) }];
  },

  async WritePhoto(user, event) {
    const { id, name } = JSON.parse(event.body);
    const Key = `private/${user}/${id}`;
    const head = await bucket.send(new HeadObjectCommand({ Bucket, Key }));
    const { Attributes } = await table.send(new UpdateItemCommand({
      TableName,
      Key: { id: { S: user }, photoId: { S: id } },
      UpdateExpression: 'SET #name = :name REMOVE #state, #expires',
      ConditionExpression: '#state = :granted AND #expires > :now AND #size = :size AND #type = :type',
      ExpressionAttributeNames: { '#name': 'name', '#state': 'state', '#expires': 'expires', '#size': 'size', '#type': 'contentType' },
      ExpressionAttributeValues: {
        ':name': { S: name },
        ':granted': { S: 'granted' },
        ':now': { N: String(Math.floor(Date.now() / 1000)) },
        ':size': { N: String(head.ContentLength) },
        ':type': { S: head.ContentType },
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }));
    return [201, await view(user, Attributes)];
  },

  async DeletePhoto(user, event) {
    const { id } = event.pathParameters;
    await table.send(new UpdateItemCommand({
      TableName,
      Key: { id: { S: user }, photoId: { S: id } },
      UpdateExpression: 'SET #state = :deleted, #expires = :expires REMOVE #name, #date, #size, #type',
      ConditionExpression: 'attribute_exists(photoId) AND (attribute_not_exists(#state) OR #state = :granted)',
      ExpressionAttributeNames: {
        '#state': 'state', '#expires': 'expires', '#name': 'name', '#date': 'date', '#size': 'size', '#type': 'contentType',
      },
      ExpressionAttributeValues: {
        ':deleted': { S: 'deleted' },
        ':granted': { S: 'granted' },
        ':expires': { N: String(Math.floor(Date.now() / 1000) + 86400) },
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }));
    await bucket.send(new DeleteObjectCommand({ Bucket, Key: `private/${user}/${id}` }));
    return [204, undefined];
  },
};

const [host, port] = AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body = '') {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'Content-Length': Buffer.byteLength(body) } : {};
    request({ agent, host, port, method, headers, path: `/2018-06-01/runtime/invocation/${path}` }, async response => {
      const chunks = await response.toArray();
      resolve({ id: response.headers['lambda-runtime-aws-request-id'], text: Buffer.concat(chunks).toString() });
    }).on('error', reject).end(body);
  });
}

async function run() {
  for (;;) {
    const { id, text } = await call('GET', 'next');
    const event = JSON.parse(text);
    const [statusCode, response] = await handlers[_HANDLER](event.requestContext.authorizer.claims.sub, event);
    const headers = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': ALLOWED_ORIGIN };
    await call('POST', `${id}/response`, JSON.stringify({ statusCode, headers, body: response ? JSON.stringify(response) : '' }));
  }
}

run();

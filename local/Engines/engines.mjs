// Runs the local engines:
//   AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… node engines.mjs '{"address","reserveBytes","dynamoDb":{"directory","port","ttlIntervalMs"},"s3":{"directory","incoming","port","buckets":[{"name","cors"}]}}'
// DynamoDB accepts only requests signed with that key. The engines refuse writes that would leave less than reserveBytes on the disk.
// dynamoDb or s3 may be missing. When the engines listen, this program prints one line: {"dynamoDb":<port>,"s3":<port>}.
import { startDynamoDb } from './dynamodb.mjs';
import { startS3 } from './s3.mjs';
import { failOpenRequests, report } from './server.mjs';

const flushMs = 100;
const { address, reserveBytes, dynamoDb, s3 } = JSON.parse(process.argv[2]);
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
const common = { address, reserveBytes, credentials: { accessKeyId, secretAccessKey } };

// The host keeps this pipe open and never writes to it. However the host ends, the pipe closes, so that no orphan locks the data.
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
// Ctrl+C reaches the whole process group. The host ends first and closes the pipe.
process.on('SIGINT', () => {});
// The host starts the engines again. An engine may hold a lock that it would never release.
process.on('uncaughtException', (error) => {
  if (error.syscall === 'listen') {
    console.error(error.message);
  } else {
    report(error);
    failOpenRequests();
  }
  setTimeout(() => process.exit(1), flushMs);
});

try {
  console.log(
    JSON.stringify({
      dynamoDb: dynamoDb && (await startDynamoDb(dynamoDb, common)),
      s3: s3 && (await startS3(s3, common)),
    }),
  );
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exit(1);
}

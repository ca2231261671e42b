// Runs the local engines:
//   node engines.mjs '{"address","dynamoDb":{"directory","port","ttlIntervalMs"},"s3":{"directory","incoming","port","buckets":[{"name","cors"}]}}'
// dynamoDb or s3 may be missing. When the engines listen, this program prints one line: {"dynamoDb":<port>,"s3":<port>}.
import { startDynamoDb } from './dynamodb.mjs';
import { startS3 } from './s3.mjs';

const { address, dynamoDb, s3 } = JSON.parse(process.argv[2]);

// The host keeps this pipe open and never writes to it. However the host ends, the pipe closes, so that no orphan locks the data.
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
// Ctrl+C reaches the whole process group. The host ends first and closes the pipe.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => {
  console.error(error.syscall === 'listen' ? error.message : error);
  process.exit(1);
});

try {
  console.log(
    JSON.stringify({
      dynamoDb: dynamoDb && (await startDynamoDb(dynamoDb, address)),
      s3: s3 && (await startS3(s3, address)),
    }),
  );
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exit(1);
}

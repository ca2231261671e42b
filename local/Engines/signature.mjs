// Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const maxSkewMs = 15 * 60 * 1000;
const requiredHeaders = ['host', 'x-amz-date', 'x-amz-target'];
const format =
  /^AWS4-HMAC-SHA256\s+Credential=([^,\s/]+)\/(\d{8}\/[^,\s/]+\/dynamodb\/aws4_request),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Why DynamoDB refuses a request, { type, message }; undefined if its signature is valid. */
export function refusal({ method, headers }, body, { accessKeyId, secretAccessKey }) {
  if (!headers.authorization) {
    return { type: 'MissingAuthenticationTokenException', message: 'Request is missing Authentication Token' };
  }
  const [, key, scope, signedHeaders, signature] = format.exec(headers.authorization.trim()) ?? [];
  const names = signedHeaders?.split(';') ?? [];
  const time = headers['x-amz-date'] ?? '';
  if (!signature || requiredHeaders.some((name) => !names.includes(name)) || !scope.startsWith(`${time.slice(0, 8)}/`)) {
    return { type: 'IncompleteSignatureException', message: 'The Authorization header is not a complete Signature Version 4 for DynamoDB.' };
  }
  if (key !== accessKeyId) {
    return {
      type: 'UnrecognizedClientException',
      message: `The security token included in the request is invalid. The local host's access key is ${accessKeyId}.`,
    };
  }
  const signedAt = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - signedAt) <= maxSkewMs)) {
    return { type: 'InvalidSignatureException', message: `Signature expired or not yet current: ${time}` };
  }
  const canonicalHeaders = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const canonicalRequest = [method, '/', '', canonicalHeaders, signedHeaders, sha256(body)].join('\n');
  const signingKey = scope.split('/').reduce(hmac, `AWS4${secretAccessKey}`);
  const expected = hmac(signingKey, ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest)].join('\n'));
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
    ? undefined
    : { type: 'InvalidSignatureException', message: 'The request signature we calculated does not match the signature you provided.' };
}

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();

// The floor: ListPhotos' Query in C on OpenSSL, signed by hand, without an SDK, without URLs. For make bench to compare with.
#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];
static char host[300];
static SSL *tls;
static void die(const char *what)
{
    fprintf(stderr, "floor: %s failed\n", what);
    exit(1);
}

static int dial(const char *node, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    if (getaddrinfo(node, port, &hints, &found)) die("getaddrinfo");
    int s = socket(found->ai_family, found->ai_socktype, 0), on = 1;
    if (connect(s, found->ai_addr, found->ai_addrlen)) die("connect");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    freeaddrinfo(found);
    return s;
}

// Reads one answer into the buffer, from TLS when the socket is -1; returns where its body begins.
static char *receive(int s)
{
    size_t length = 0, end = 0;
    char *body = NULL;
    while (!body || length < end) {
        int n = s < 0 ? SSL_read(tls, buffer + length, sizeof buffer - 1 - length)
                      : (int)read(s, buffer + length, sizeof buffer - 1 - length);
        if (n <= 0) die("read");
        buffer[length += n] = 0;
        if (!body && (body = strstr(buffer, "\r\n\r\n"))) {
            char *size = strcasestr(buffer, "\r\ncontent-length:");
            body += 4;
            end = body - buffer + (size && size < body ? strtoul(size + 17, NULL, 10) : 0);
        }
    }
    return body;
}

static void sha256(const char *text, char *hex)
{
    unsigned char sum[32];
    EVP_Digest(text, strlen(text), sum, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < 32; i++) sprintf(hex + 2 * i, "%02x", sum[i]);
}

static void query(const char *user, int limit)
{
    static char body[1024], request[8192], canonical[4096], to_sign[512];
    char date[20], day[10], hash[65], secret[128];
    unsigned char key[32];
    const char *region = getenv("AWS_REGION"), *token = getenv("AWS_SESSION_TOKEN");
    const char *signed_headers = "host;x-amz-date;x-amz-security-token;x-amz-target", *target = "DynamoDB_20120810.Query";
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", gmtime(&now));
    snprintf(day, sizeof day, "%.8s", date);
    snprintf(body, sizeof body,
        "{\"TableName\":\"%s\",\"KeyConditionExpression\":\"id = :user\",\"ExpressionAttributeValues\":{\":user\":{\"S\":\"%s\"}},"
        "\"ScanIndexForward\":false,\"Limit\":%d,\"ConsistentRead\":true}", getenv("PHOTO_TABLE"), user, limit + 1);
    sha256(body, hash);
    snprintf(canonical, sizeof canonical,
        "POST\n/\n\nhost:%s\nx-amz-date:%s\nx-amz-security-token:%s\nx-amz-target:%s\n\n%s\n%s",
        host, date, token, target, signed_headers, hash);
    sha256(canonical, hash);
    snprintf(to_sign, sizeof to_sign, "AWS4-HMAC-SHA256\n%s\n%s/%s/dynamodb/aws4_request\n%s", date, day, region, hash);
    int size = snprintf(secret, sizeof secret, "AWS4%s", getenv("AWS_SECRET_ACCESS_KEY"));
    const char *parts[] = { day, region, "dynamodb", "aws4_request", to_sign };
    for (int i = 0; i < 5; i++)
        HMAC(EVP_sha256(), i ? (void *)key : secret, i ? 32 : size, (void *)parts[i], strlen(parts[i]), key, NULL);
    for (int i = 0; i < 32; i++) sprintf(hash + 2 * i, "%02x", key[i]);
    int length = snprintf(request, sizeof request,
        "POST / HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: %s\r\nX-Amz-Security-Token: %s\r\nX-Amz-Target: %s\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s/%s/dynamodb/aws4_request, SignedHeaders=%s, Signature=%s\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nContent-Length: %zu\r\n\r\n%s",
        host, date, token, target, getenv("AWS_ACCESS_KEY_ID"), day, region, signed_headers, hash, strlen(body), body);
    if (SSL_write(tls, request, length) != length) die("SSL_write");
}

// The value of one of an item's attributes.
static const char *value(const char *item, const char *attribute)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, "\"%s\":{\"", attribute);
    const char *found = strstr(item, pattern);
    if (!found) die(attribute);
    return found + strlen(pattern) + 4;
}

static void connect_tls(void)
{
    char node[256], port[8];
    const char *url = getenv("AWS_ENDPOINT_URL_DYNAMODB");
    if (sscanf(url, "https://%255[^:]:%7s", node, port) != 2) die("AWS_ENDPOINT_URL_DYNAMODB");
    snprintf(host, sizeof host, "%s:%s", node, port);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_default_verify_paths(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    tls = SSL_new(context);
    SSL_set1_host(tls, node);
    SSL_set_tlsext_host_name(tls, node);
    SSL_set_fd(tls, dial(node, port));
    if (SSL_connect(tls) != 1) die("SSL_connect");
}

int main(void)
{
    static char out[1 << 16], id[128], user[64];
    char runtime[64], port[8];
    if (sscanf(getenv("AWS_LAMBDA_RUNTIME_API"), "%63[^:]:%7s", runtime, port) != 2) die("AWS_LAMBDA_RUNTIME_API");
    int api = dial(runtime, port);
    for (;;) {
        dprintf(api, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", runtime);
        char *event = receive(api), *limit = strstr(event, "\"limit\":\""), *sub = strstr(event, "\"sub\":\"");
        sscanf(strcasestr(buffer, "lambda-runtime-aws-request-id:") + 30, " %127s", id);
        if (!limit || !sub) die("event");
        sscanf(sub + 7, "%63[^\"]", user);
        if (!tls) connect_tls();
        query(user, atoi(limit + 9));
        int size = sprintf(out, "{\"statusCode\":200,\"headers\":{\"Content-Type\":\"application/json\"},\"body\":\"{\\\"id\\\":\\\"%s\\\",\\\"photos\\\":[", user);
        const char *item = receive(-1), *separator = "";
        while ((item = strstr(item, "{\"id\":{"))) {
            const char *names[] = { "photoId", "name", "date", "size", "contentType" };
            size += sprintf(out + size, "%s{", separator);
            for (int i = 0; i < 5; i++) {
                const char *at = value(item, names[i]);
                size += sprintf(out + size, "%s\\\"%s\\\":\\\"%.*s\\\"", i ? "," : "", names[i], (int)strcspn(at, "\""), at);
            }
            out[size++] = '}';
            item++;
            separator = ",";
        }
        size += sprintf(out + size, "]}\"}");
        dprintf(api, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%.*s",
            id, runtime, size, size, out);
        receive(api);
    }
}

using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Local.Template;

namespace Photos.Local.Engines;

/// <summary>Creates the table and buckets if they are missing. Safe to repeat.</summary>
internal sealed class Provisioning(AWSCredentials credentials)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Creates the table if it is missing, and waits until it is active. Enables its stream and time to live and creates its index, also on
    /// an existing table.
    /// </summary>
    /// <returns>The ARN of the table's stream; null if <paramref name="table"/> has none.</returns>
    /// <exception cref="LocalHostException">The engine is unreachable or returned an error.</exception>
    public async Task<string?> CreateTableAsync(Uri endpoint, TableDefinition table, CancellationToken cancellationToken)
    {
        using var client = new AmazonDynamoDBClient(credentials, Configure<AmazonDynamoDBConfig>(endpoint));
        string? streamArn = null;
        await SendAsync("DynamoDB", "AWS_ENDPOINT_URL_DYNAMODB", endpoint, async () =>
        {
            TableDescription? current = await DescribeAsync(client, table.Name, cancellationToken);
            if (current is null)
            {
                await client.CreateTableAsync(Request(table), cancellationToken);
            }
            else if (table.StreamViewType is not null && current.StreamSpecification?.StreamEnabled is not true)
            {
                var request = new UpdateTableRequest { TableName = table.Name, StreamSpecification = Stream(table) };
                await client.UpdateTableAsync(request, cancellationToken);
            }

            current = await WaitUntilActiveAsync(client, table.Name, cancellationToken);
            if (table.Index is not null && current.GlobalSecondaryIndexes?.Exists(index => index.IndexName == table.Index.Name) is not true)
            {
                await client.UpdateTableAsync(AddIndex(table, table.Index), cancellationToken);
                current = await WaitUntilActiveAsync(client, table.Name, cancellationToken);
            }

            streamArn = table.StreamViewType is null ? null : current.LatestStreamArn;
            await EnableTimeToLiveAsync(client, table, cancellationToken);
        });
        return streamArn;
    }

    /// <summary>Creates the bucket, with its CORS rules, if it is missing. An existing bucket is not changed.</summary>
    /// <exception cref="LocalHostException">The engine is unreachable or returned an error.</exception>
    public async Task CreateBucketAsync(Uri endpoint, BucketDefinition bucket, CancellationToken cancellationToken)
    {
        AmazonS3Config configuration = Configure<AmazonS3Config>(endpoint);
        configuration.ForcePathStyle = true;
        using var client = new AmazonS3Client(credentials, configuration);
        await SendAsync("S3", "AWS_ENDPOINT_URL_S3", endpoint, async () =>
        {
            if (await ExistsAsync(client, bucket.Name, cancellationToken))
            {
                return;
            }

            await client.PutBucketAsync(bucket.Name, cancellationToken);
            if (bucket.CorsRules.Count > 0)
            {
                await client.PutCORSConfigurationAsync(bucket.Name, Configuration(bucket.CorsRules), cancellationToken);
            }
        });
    }

    private static CreateTableRequest Request(TableDefinition table) => new()
    {
        TableName = table.Name,
        BillingMode = BillingMode.PAY_PER_REQUEST,
        AttributeDefinitions = Attributes(table.PartitionKey, table.SortKey),
        KeySchema = Keys(table.PartitionKey, table.SortKey),
        StreamSpecification = Stream(table),
    };

    private static UpdateTableRequest AddIndex(TableDefinition table, IndexDefinition index) => new()
    {
        TableName = table.Name,
        AttributeDefinitions = Attributes(table.PartitionKey, table.SortKey, index.PartitionKey, index.SortKey),
        GlobalSecondaryIndexUpdates =
        [
            new GlobalSecondaryIndexUpdate
            {
                Create = new CreateGlobalSecondaryIndexAction
                {
                    IndexName = index.Name,
                    KeySchema = Keys(index.PartitionKey, index.SortKey),
                    Projection = new Projection { ProjectionType = ProjectionType.ALL },
                },
            },
        ],
    };

    private static List<AttributeDefinition> Attributes(params string[] names) =>
        [.. names.Distinct().Select(name => new AttributeDefinition(name, ScalarAttributeType.S))];

    private static List<KeySchemaElement> Keys(string partition, string sort) => [new(partition, KeyType.HASH), new(sort, KeyType.RANGE)];

    private static async Task<TableDescription> WaitUntilActiveAsync(AmazonDynamoDBClient client, string table, CancellationToken cancellationToken)
    {
        TableDescription? current;
        while ((current = await DescribeAsync(client, table, cancellationToken))?.TableStatus != TableStatus.ACTIVE
            || current.GlobalSecondaryIndexes?.Exists(index => index.IndexStatus != IndexStatus.ACTIVE) is true)
        {
            await Task.Delay(s_pollInterval, cancellationToken);
        }

        return current;
    }

    private static StreamSpecification? Stream(TableDefinition table) => table.StreamViewType is null
        ? null
        : new StreamSpecification { StreamEnabled = true, StreamViewType = table.StreamViewType };

    private static async Task EnableTimeToLiveAsync(AmazonDynamoDBClient client, TableDefinition table, CancellationToken cancellationToken)
    {
        if (table.TimeToLiveAttribute is not { } attribute)
        {
            return;
        }

        var describe = new DescribeTimeToLiveRequest { TableName = table.Name };
        TimeToLiveStatus? status = (await client.DescribeTimeToLiveAsync(describe, cancellationToken)).TimeToLiveDescription?.TimeToLiveStatus;

        // Some engines describe it only once it is enabled.
        if (status is null || status == TimeToLiveStatus.DISABLED)
        {
            var enable = new UpdateTimeToLiveRequest
            {
                TableName = table.Name,
                TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = attribute, Enabled = true },
            };
            await client.UpdateTimeToLiveAsync(enable, cancellationToken);
        }
    }

    private static async Task<TableDescription?> DescribeAsync(AmazonDynamoDBClient client, string table, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.DescribeTableAsync(table, cancellationToken)).Table;
        }
        catch (ResourceNotFoundException)
        {
            return null;
        }
    }

    private static async Task<bool> ExistsAsync(AmazonS3Client client, string bucket, CancellationToken cancellationToken)
    {
        try
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            // It exists. HeadBucket needs a permission that the photos in it do not.
            return true;
        }
    }

    private static CORSConfiguration Configuration(IEnumerable<BucketCorsRule> rules) => new()
    {
        Rules =
        [
            .. rules.Select(rule => new CORSRule
            {
                AllowedOrigins = [.. rule.AllowedOrigins],
                AllowedMethods = [.. rule.AllowedMethods],
                AllowedHeaders = [.. rule.AllowedHeaders],
                ExposeHeaders = [.. rule.ExposedHeaders],
                MaxAgeSeconds = rule.MaxAgeSeconds,
            }),
        ],
    };

    private static T Configure<T>(Uri endpoint)
        where T : ClientConfig, new() => new()
        {
            ServiceURL = endpoint.AbsoluteUri,
            AuthenticationRegion = Environment.GetEnvironmentVariable("AWS_REGION") ?? "us-east-1",
            MaxErrorRetry = 1,
        };

    private static async Task SendAsync(string service, string variable, Uri endpoint, Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (HttpRequestException e)
        {
            throw new LocalHostException(
                $"{service} is not reachable at {endpoint} ({e.Message}). Start it, or unset {variable} to use the built-in engine.");
        }
        catch (AmazonServiceException e)
        {
            throw new LocalHostException(
                $"{service} at {endpoint} returned an error: {e.Message} Check the engine and the credentials, then try again.");
        }
    }
}
